"""The audit of a source and the coverage of queries, through the pipeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import monitor as library
from monitor.assets import sample_data
from monitor.config import Config, ReportSettings
from monitor.pipeline import Monitor
from monitor.sources import Columns

from .conftest import traffic

Save = Callable[[pa.Table, str], str]


def vectors() -> np.ndarray:
    """Two hundred rows of sixteen dimensions, ten of them zero."""
    x = np.random.default_rng(0).normal(size=(200, 16)).astype(np.float32)
    x[40:50] = 0
    return x


def test_the_answer_and_the_page(monitor: Monitor, tmp_path: Path) -> None:
    """Zero rows are found, named by their place, and shown."""
    np.save(tmp_path / "v.npy", vectors())
    answer = monitor.audit(str(tmp_path / "v.npy"), out=tmp_path / "audit.html")
    assert answer["schema"] == "embmon/audit/1"
    assert answer["verdict"] == "breaking"
    assert answer["findings"][0]["cause"] == "zero fill"
    assert answer["findings"][0]["where"] == "rows 40-49"
    page = (tmp_path / "audit.html").read_text()
    for text in ("zero fill", "rows 40-49", "anisotropy", "Mean cosine of two rows"):
        assert text in page
    assert "Where it was found" not in page  # zero rows have no place on a map


def test_the_map_shows_what_was_found(tmp_path: Path) -> None:
    """Rows of a second encoder in their colour, and what the columns say; zero rows are told."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="pca")))
    rows = np.random.default_rng(1).normal(size=(300, 16)).astype(np.float32)
    rows[200:] = 0.01 * rows[200:] + 9
    rows[:5] = 0
    model = np.where(np.arange(300) < 200, "old", "new")
    source = {"id": [str(i) for i in range(300)], "embedding": list(rows), "model": model}
    pq.write_table(pa.table(source), tmp_path / "mixed.parquet")
    monitor.audit(str(tmp_path / "mixed.parquet"), out=tmp_path / "audit.html")
    page = (tmp_path / "audit.html").read_text()
    told = "mixed encoders, model = new: 100", "nothing found: 195", "new: 100", "old: 195"
    away = "5 rows that are zero or not finite have no place."
    for text in ("Where it was found", *told, away):
        assert text in page


def test_the_library_takes_arrays() -> None:
    """With columns beside them."""
    source = np.where(np.arange(200) < 60, "old", "new")
    found = library.audit(vectors(), columns={"model": source.tolist()})
    assert [f.cause for f in found.findings] == ["zero fill", "mixed encoders"]


def test_coverage_names_the_topics_that_are_missing(monitor: Monitor, saved: Save) -> None:
    """Traffic about pizza, of which the corpus has none."""
    corpus = saved(traffic(7, seed=1), "corpus.parquet")
    asked = saved(traffic(7, seed=2, surge=range(7)), "asked.parquet")
    answer = monitor.coverage(asked, corpus, Columns(text="text"))
    assert answer["schema"] == "embmon/coverage/1"
    assert answer["covered"]["value"] == pytest.approx(0.6, abs=0.05)
    assert answer["topics"][0]["label"] == "pizza"
    assert answer["topics"][0]["covered"] < 0.1
    assert answer["uncovered"][0]["query"] == "pizza"


def test_whose_vectors_a_window_holds(monitor: Monitor, tmp_path: Path) -> None:
    """Texts of a day embedded again: the first day was served by their encoder, the second not."""
    dishes = [pq.read_table(sample_data() / f"dishes_v{n}.parquet") for n in (1, 2)]
    ids = dishes[1]["id"].combine_chunks()[:400]
    served = [d.select(["id", "embedding"]).take(pc.index_in(ids, d["id"])) for d in dishes]
    for day, table in enumerate(served, 1):
        folder = tmp_path / f"day={day}"
        folder.mkdir()
        pq.write_table(table, folder / "x.parquet")
    again = tmp_path / "again.parquet"
    pq.write_table(served[0].slice(100, 200), again)
    first, second = (
        monitor.audit(str(tmp_path / f"day={day}"), canaries=str(again)) for day in (1, 2)
    )
    assert (first["verdict"], first["findings"]) == ("ok", [])
    assert [found["cause"] for found in second["findings"]] == ["other encoder"]
    assert second["verdict"] == "breaking"
