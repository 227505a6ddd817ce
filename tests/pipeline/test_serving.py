"""From a service's own rows to a verdict."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings
from monitor.errors import UsageError
from monitor.pipeline import Monitor

from .conftest import FIRST_DAY, traffic


def _monitor(root: Path, source: str = "in/*.parquet") -> Monitor:
    settings = MonitorSettings(space="queries", source=source, at="at", entity="user")
    return Monitor(
        Config(root=root, monitors={"search": settings}, report=ReportSettings(map="none"))
    )


def test_what_is_logged_is_judged_by_the_next_run(tmp_path: Path) -> None:
    """Nine weeks, day by day, and a run over them."""
    monitor = _monitor(tmp_path)
    table = traffic(63, surge=range(62, 63))
    vectors = np.stack(table["embedding"].to_numpy())
    for day in range(63):
        rows = slice(day * 160, (day + 1) * 160)
        users = table["user"][rows].to_pylist()
        at = FIRST_DAY + timedelta(days=day, hours=9)
        assert monitor.log("search", vectors[rows], {"user": users}, at=at)
    monitor.logs.close()
    assert monitor.logs.counts()["search"].written == 63 * 160
    (one,) = monitor.run(as_of=FIRST_DAY + timedelta(days=63))["monitors"]
    assert (one["rows"], one["windows"], one["verdict"]) == (63 * 160, 7, "drift")


def test_a_column_that_the_monitor_reads_must_be_logged(tmp_path: Path) -> None:
    """It is named at once, not by a run at night."""
    with pytest.raises(UsageError) as caught:
        _monitor(tmp_path).log("search", np.zeros((1, 4)))
    assert caught.value.message == "monitor 'search' reads the column 'user', which is not logged"
    assert caught.value.hint == "columns={'user': [...]}"


@pytest.mark.parametrize(
    "source", ["in/*.csv", "in/day.parquet", "s3://b/*.parquet", "*/a*.parquet"]
)
def test_a_source_that_is_no_folder_of_parquet_cannot_be_logged_to(
    tmp_path: Path, source: str
) -> None:
    """Nothing would read what is written."""
    with pytest.raises(UsageError) as caught:
        _monitor(tmp_path, source).log("search", np.zeros((1, 4)), {"user": ["a"]})
    assert caught.value.message == (
        f"the source of monitor 'search' is no folder of Parquet files: {source!r}"
    )


def test_an_unknown_monitor_is_named(tmp_path: Path) -> None:
    """With those that are known."""
    with pytest.raises(UsageError) as caught:
        _monitor(tmp_path).log("serach", np.zeros((1, 4)))
    assert caught.value.hint == "known: search"
