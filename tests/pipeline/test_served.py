"""A monitor with a corpus tells which share of its rows an item is near, window by window."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import cdist

from monitor.batch import Items
from monitor.cli.verdict_text import check_text
from monitor.cli.words import percent
from monitor.config import Config, MetricsSettings, MonitorSettings, ReportSettings
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.pipeline import Monitor, served
from monitor.profiles import Profile, of_rows
from monitor.stats.sample import COLUMN
from monitor.versions import corpus_of
from tests.rows import batch

from .conftest import FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]


def test_windows_that_ask_for_what_is_not_there(tmp_path: Path, saved: Save) -> None:
    """Four weeks, and a day with a topic that the corpus lacks: in JSON, words, page, metrics."""
    saved(traffic(29, surge=range(28, 29)), "in/a.parquet")
    saved(traffic(7, seed=3), "items.parquet")
    search = MonitorSettings(
        space="queries", source="in/*.parquet", at="at", reference="4w", corpus="items.parquet"
    )
    report, metrics = ReportSettings(map="none"), MetricsSettings(textfile="embmon.prom")
    monitors = {"search": search}
    monitor = Monitor(Config(root=tmp_path, monitors=monitors, report=report, metrics=metrics))
    monitor.run(as_of=FIRST_DAY + timedelta(days=29))
    answer = monitor.check("queries")
    last = answer["windows"][0]["coverage"]
    assert last["fewer"]
    assert last["covered"] == pytest.approx(0.57, abs=0.08)
    assert last["low"] < last["covered"] < last["high"]
    assert last["usual"] == pytest.approx(0.95, abs=0.01)
    told = "\n".join(check_text(answer))
    assert f"Corpus: {percent(last['covered'])} of rows have an item near" in told
    assert "usually 95.0 %), fewer than usual" in told
    path = Path(monitor.report("queries")["report"])
    assert "The corpus and these rows" in path.read_text(encoding="utf-8")
    trend = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["trend"]
    assert trend[-1]["covered"] == last["covered"]
    gauge = f'embmon_covered{{monitor="search",space="queries"}} {last["covered"]}'
    assert gauge in (tmp_path / "embmon.prom").read_text(encoding="utf-8")


def test_the_rows_that_a_sample_may_keep_are_told() -> None:
    """Of 500 rows the 60 of smallest hash, which a sample of 60 keeps; unusable rows are none."""
    rng = np.random.default_rng(2)
    vectors = rng.normal(size=(500, 16)).astype(np.float32)
    vectors[::10] = 0
    known = replace(batch(vectors), columns={"row": pa.array(range(500))})
    items = rng.normal(size=(40, 16)).astype(np.float32)
    corpus = corpus_of(Items(pa.array([str(i) for i in range(40)]), items))
    frame = Frame(fitted(vectors[1::10]), 60)
    rows = frame.rows(served.told(known, corpus, 60))
    kept = of_rows(rows, frame).sample.kept
    expected = 1 - cdist(vectors[kept["column.row"].to_numpy()], items, "cosine").min(axis=1)
    assert kept.num_rows == 60
    np.testing.assert_allclose(kept[COLUMN + served.NEAREST].to_numpy(), expected, atol=1e-6)


def of_shares(values: np.ndarray) -> Profile:
    """What `served` reads of a profile."""
    kept = pa.table({COLUMN + served.NEAREST: values})
    return cast(Profile, SimpleNamespace(sample=SimpleNamespace(kept=kept)))


def test_quiet_windows_are_too_low_as_often_as_was_asked() -> None:
    """20 windows of a reference whose shares vary more than rows alone: 1 of 20, simulated."""
    rng = np.random.default_rng(0)

    def window() -> Profile:
        return of_shares(rng.normal(rng.normal(0, 0.25), 1, 400))

    fewer = []
    for _ in range(150):
        normal = served.usual(window() for _ in range(20))
        fewer += [served.coverage(window(), normal, 400, 0.05)["fewer"] for _ in range(4)]
    assert np.mean(fewer) == pytest.approx(0.05, abs=0.03)


def test_too_little_is_told() -> None:
    """Few rows, few windows, no corpus."""
    rng = np.random.default_rng(1)
    few, enough = of_shares(rng.normal(size=49)), of_shares(rng.normal(size=90))
    assert served.usual([few]) is None
    assert served.coverage(enough, None, 90, 0.01) == {}
    normal = served.usual([enough] * 7)
    assert served.coverage(few, normal, 49, 0.01) == {}
    told = served.coverage(of_shares(np.full(90, -9.0)), normal, 90, 0.01)
    assert (told["covered"], told["least"], told["fewer"]) == (0.0, None, False)
