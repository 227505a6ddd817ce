"""Two sources against each other."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.api import drift
from monitor.config import Config, ReportSettings
from monitor.errors import DimensionError, Undecided
from monitor.pipeline import Monitor

from .conftest import COLUMNS, traffic

Save = Callable[[pa.Table, str], str]


def test_halves_of_one_stream_do_not_drift(monitor: Monitor, saved: Save) -> None:
    """Two samples of the same days are the same."""
    a, b = saved(traffic(7, seed=1), "a.parquet"), saved(traffic(7, seed=2), "b.parquet")
    answer = monitor.drift(a, b, COLUMNS)
    assert answer["verdict"] == "ok"
    assert answer["quality"]["rows"] == 1120


def test_a_surge_is_drift_and_named(monitor: Monitor, saved: Save) -> None:
    """The cluster that grew leads, with its label."""
    a = saved(traffic(7, seed=1), "a.parquet")
    b = saved(traffic(7, seed=2, surge=range(7)), "b.parquet")
    answer = monitor.drift(a, b, COLUMNS)
    assert answer["verdict"] == "drift"
    assert answer["p_value"] == pytest.approx(0.001)
    assert answer["clusters"][0]["label"] == "pizza"
    assert answer["effect"]["tv_clusters"] == pytest.approx(0.4, abs=0.1)
    assert set(answer["metrics"]) >= {"mmd2", "frechet", "mean_cosine", "psi", "js", "sliced_w1"}


def test_arrays_need_no_files(monitor: Monitor) -> None:
    """NumPy arrays are sources too."""
    rng = np.random.default_rng(5)
    a = rng.normal(size=(400, 8)).astype(np.float32)
    same, moved = rng.normal(size=(400, 8)), rng.normal(0.5, 1, size=(400, 8))
    assert monitor.drift(a, same.astype(np.float32))["verdict"] == "ok"
    assert monitor.drift(a, moved.astype(np.float32))["verdict"] == "drift"


def test_too_few_rows_are_insufficient(monitor: Monitor) -> None:
    """Thirty-five rows give no verdict on drift, whatever they look like."""
    rng = np.random.default_rng(6)
    a = rng.normal(size=(400, 8)).astype(np.float32)
    answer = monitor.drift(a, rng.normal(3, 1, size=(35, 8)).astype(np.float32))
    assert answer["verdict"] == "insufficient"
    assert answer["causes"] == ["the second source holds 35 usable rows; 50 are needed to judge"]
    assert answer["p_value"] is answer["score"] is None
    assert set(answer["effect"].values()) == {None}


def test_rows_that_repeat_on_both_sides_are_no_drift(monitor: Monitor) -> None:
    """Three copies of every row are how this traffic is; on one side alone they are a finding."""
    rng = np.random.default_rng(8)
    a, b = (rng.normal(size=(200, 8)).astype(np.float32) for _ in range(2))
    assert monitor.drift(np.tile(a, (3, 1)), np.tile(b, (3, 1)))["verdict"] == "ok"
    assert monitor.drift(a, np.tile(b, (3, 1)))["causes"][0] == (
        "400 of 600 rows (67%) repeat another row"
    )


def test_too_few_rows_have_no_p_value_in_python() -> None:
    """The library says so without an error."""
    rng = np.random.default_rng(0)
    found = drift(rng.normal(size=(1000, 4)), rng.normal(size=(20, 4)))
    assert found.verdict == "insufficient"
    assert math.isnan(found.p_value)


def test_no_rows_are_insufficient(monitor: Monitor, tmp_path: Path) -> None:
    """An empty file is no drift, and no "no drift" either."""
    a = np.random.default_rng(7).normal(size=(400, 8)).astype(np.float32)
    table = pa.table({"embedding": pa.array([], pa.list_(pa.float32(), 8))})
    pq.write_table(table, tmp_path / "empty.parquet")
    answer = monitor.drift(a, tmp_path / "empty.parquet")
    assert answer["verdict"] == "insufficient"
    assert answer["causes"] == ["the second source holds 0 usable rows; 50 are needed to judge"]


def test_other_dimensions_are_an_error(monitor: Monitor) -> None:
    """Eight against four dimensions is no question of drift."""
    with pytest.raises(DimensionError) as caught:
        monitor.drift(np.ones((50, 8), np.float32), np.ones((50, 4), np.float32))
    assert "8 dimensions" in caught.value.message


def test_equal_vectors_cannot_be_measured(monitor: Monitor) -> None:
    """Where nothing varies there is nothing to measure by."""
    with pytest.raises(Undecided):
        monitor.drift(np.ones((50, 8), np.float32), np.ones((50, 8), np.float32))


def test_the_same_seed_gives_the_same_answer(monitor: Monitor, saved: Save) -> None:
    """Nothing but time and id differs between two runs."""
    a, b = saved(traffic(3, seed=1), "a.parquet"), saved(traffic(3, seed=2), "b.parquet")
    first, second = (monitor.drift(a, b, COLUMNS, seed=7) for _ in range(2))
    for key in ("run_id", "started_at", "duration_s"):
        del first[key], second[key]
    assert first == second


def test_the_page_of_a_drift_has_rows_to_look_at(tmp_path: Path, saved: Save) -> None:
    """A map, examples with their texts, and columns; the answer itself stays without them."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="pca")))
    before = saved(traffic(10), "before.parquet")
    after = saved(traffic(20, surge=range(10, 20)), "after.parquet")
    answer = monitor.drift(before, after, COLUMNS, out=tmp_path / "page.html")
    assert answer["report"] == str(tmp_path / "page.html")
    assert not {"map", "examples"} & set(answer)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for heading in ("Where it changed", "Map", "Examples"):
        assert f">{heading}</h2>" in page
    assert "after.parquet against before.parquet" in page
