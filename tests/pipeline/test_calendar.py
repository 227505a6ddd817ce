"""Days of the calendar in a run: excluded ones are passed over, labelled ones are named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings
from monitor.errors import UsageError
from monitor.pipeline import Monitor

from .conftest import FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]


def configured(root: Path, **changes: object) -> Monitor:
    """A monitor of a store that holds nothing."""
    settings = MonitorSettings(
        space="queries",
        source="in/*.parquet",
        at="at",
        entity="user",
        text="text",
        **changes,  # type: ignore[arg-type]
    )
    report = ReportSettings(map="pca")
    return Monitor(Config(root=root, monitors={"searches": settings}, report=report))


def test_a_surge_that_was_planned(tmp_path: Path, saved: Save) -> None:
    """Of its two days one is excluded and never judged, the other is labelled: it alarms and says
    what the calendar calls it. Neither becomes part of a reference."""
    first, second = ((FIRST_DAY + timedelta(days=d)).date().isoformat() for d in (64, 65))
    saved(traffic(70, surge=range(64, 66)), "in/a.parquet")
    monitor = configured(tmp_path, excluded_days=(first,), labelled_days=(f"{second} the fair",))
    run = monitor.run(as_of=FIRST_DAY + timedelta(days=70))["monitors"][0]
    assert (run["windows"], run["drifted"]) == (13, 1)
    (found,) = monitor.check("queries", window=f"{second}T12:00")["windows"]
    assert found["verdict"] == "drift"
    assert "the calendar calls this day 'the fair'" in found["causes"]
    with pytest.raises(UsageError):
        monitor.check("queries", window=f"{first}T12:00")
    start, end = FIRST_DAY, FIRST_DAY + timedelta(days=70)
    reference = monitor.reference("queries", start=start, end=end)["reference"]
    assert reference["windows"] == 68
