"""Runs that are cut off, and clocks that are wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings, SinkSettings
from monitor.pipeline import Monitor, turns

from .conftest import FIRST_DAY, traffic

DAYS = 24
NOW = FIRST_DAY + timedelta(days=DAYS)


@pytest.fixture
def at(tmp_path: Path, saved: Callable[[pa.Table, str], str]) -> Callable[[datetime], Monitor]:
    """The monitor of a stream that ends with a surge, by a clock that shows a time."""
    saved(traffic(DAYS, surge=range(DAYS - 1, DAYS), rows=60), "in/a.parquet")
    monitor = MonitorSettings(
        space="q", source="in/*.parquet", at="at", min_rows=20, reference="21d", sample=200
    )
    config = Config(
        root=tmp_path,
        monitors={"m": monitor},
        sinks={"book": SinkSettings(kind="jsonl", path="alerts.jsonl")},
        report=ReportSettings(map="none"),
    )
    return lambda now: Monitor(config, now=lambda: now)


def test_a_run_that_was_cut_off_before_its_report(
    at: Callable[[datetime], Monitor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next run has nothing to judge, and makes the report and the message all the same."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("monitor.pipeline.turns.report", killed)
        at(NOW).run()
    (turn,) = at(NOW).run()["monitors"]
    assert (turn["windows"], turn["verdict"]) == (0, None)
    assert Path(turn["report"]).is_file()
    assert len((tmp_path / "alerts.jsonl").read_text().splitlines()) == 1
    (turn,) = at(NOW).run()["monitors"]
    assert turn["report"] is None


def test_a_monitor_that_ends_every_run(
    at: Callable[[datetime], Monitor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one does that needs more memory than there is: the others are judged before it, what they
    say leaves with the next run, and so does what is wrong with it."""
    config = at(NOW).workspace.config
    both = {"fatal": config.monitors["m"], "m": config.monitors["m"]}
    config = config.model_copy(update={"monitors": both})
    really = turns.judged

    def judged(workspace: Any, name: str, *rest: Any) -> Any:
        if name == "fatal":
            raise KeyboardInterrupt
        return really(workspace, name, *rest)

    told = []
    with monkeypatch.context() as patched:
        patched.setattr(turns, "judged", judged)
        for hours in range(3):
            now = NOW + timedelta(hours=hours)
            with pytest.raises(KeyboardInterrupt):
                Monitor(config, now=lambda now=now: now).run()
            told.append(len(_told(tmp_path)) if (tmp_path / "alerts.jsonl").exists() else 0)
    assert told == [0, 0, 2]
    later = Monitor(config, now=lambda: NOW + timedelta(hours=3))
    (failing,) = later.status()["failing"]
    assert failing["monitor"] == "fatal"
    assert failing["error"] == (
        "its last 3 turns have not come to their end: were runs killed, for memory or time?"
    )
    assert later.run()["exit_code"] == 0
    assert later.status()["failing"] == []


def test_a_clock_that_goes_back(at: Callable[[datetime], Monitor], tmp_path: Path) -> None:
    """Two days back, then forth again: no window is judged, and nothing is said, twice."""
    at(NOW).run()
    told, judged = _told(tmp_path), at(NOW).history("q")["windows"]
    for now in (NOW - timedelta(days=2), NOW):
        answer = at(now).run()
        assert (answer["exit_code"], answer["monitors"][0]["windows"]) == (0, 0)
    assert _told(tmp_path) == told and len(told) == 1
    assert at(NOW).history("q")["windows"] == judged


def _told(folder: Path) -> list[Any]:
    return [json.loads(line)["id"] for line in (folder / "alerts.jsonl").read_text().splitlines()]
