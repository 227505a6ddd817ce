"""The alert book as people use it: a sink that is tried."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.config import Config, ReportSettings, SinkSettings
from monitor.errors import DeliveryFailed
from monitor.pipeline import Monitor

BOOK = SinkSettings(kind="jsonl", path="alerts.jsonl")


def test_a_test_shows_what_an_alert_looks_like_and_that_it_ends(tmp_path: Path) -> None:
    """Before there is any report, with made-up numbers, and with no text of a row."""
    Monitor(Config(root=tmp_path, sinks={"book": BOOK})).alerts_test("book")
    lines = (tmp_path / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    first, last = (json.loads(line) for line in lines)
    assert (first["state"], last["state"]) == ("firing", "resolved")
    assert first["summary"] == "a test of this sink by embmon; nothing has drifted"
    assert first["causes"][0].startswith("an example: ")
    assert first["size"].startswith("9.0% of rows moved to other topics")
    assert first["where"][0]["texts"] == []
    assert (first["report"], first["picture"]) == (None, None)


def test_a_test_shows_whether_link_and_picture_arrive(tmp_path: Path) -> None:
    """Those of the report that was made last, of the folder before; a dry run sends none of it."""
    report = ReportSettings(base_url="https://r.example")
    config = Config(root=tmp_path, sinks={"book": BOOK}, report=report)
    with Monitor(config).rehearsal() as dry:
        first, _ = dry.alerts_test("book")["messages"]
    assert (first["report"], first["picture"]) == ("https://r.example/", None)
    (tmp_path / "reports" / "dishes").mkdir(parents=True)
    (tmp_path / "reports" / "dishes" / "1.png").write_bytes(b"")
    with Monitor(config).rehearsal() as dry:
        first, _ = dry.alerts_test("book")["messages"]
    assert first["report"] == "https://r.example/dishes/1.html"
    assert first["picture"]["url"] == "https://r.example/dishes/1.png"
    assert not (tmp_path / "alerts.jsonl").exists()


def test_a_sink_that_fails_its_test_is_named(tmp_path: Path) -> None:
    """With what is wrong, and code 4."""
    sink = SinkSettings(kind="command", argv=("false",))
    with pytest.raises(DeliveryFailed) as caught:
        Monitor(Config(root=tmp_path, sinks={"ops": sink})).alerts_test("ops")
    assert caught.value.message == "sink 'ops': false ended with exit code 1"
    assert (caught.value.hint, caught.value.exit_code) == ("mend it and test again", 4)
