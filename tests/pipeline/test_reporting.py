"""What the report on a window says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings
from monitor.pipeline import Monitor

from .conftest import COLUMNS, FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]


def test_a_window_keeps_its_verdict_when_the_reference_moves_on(
    tmp_path: Path, saved: Save
) -> None:
    """The page says what was told of the window, also once its surge is part of the reference."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="none")))
    monitor.ingest("s", saved(traffic(63, surge=range(60, 63)), "a.parquet"), COLUMNS)
    eight = timedelta(weeks=8)
    monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + eight)
    day = FIRST_DAY + timedelta(days=61)
    told = monitor.check("s", window=day.isoformat())["windows"][0]
    pages = []
    for end in (FIRST_DAY + eight, FIRST_DAY + timedelta(days=63)):
        monitor.reference("s", start=end - eight, end=end)
        page = monitor.report("s", window=day.isoformat())["report"]
        pages.append(json.loads(Path(page).with_suffix(".json").read_text()))
    for page in pages:
        assert page["windows"][0]["score"] == told["score"] == page["trend"][0]["score"]
        assert page["reference"]["to"] == "2026-10-19T00:00:00Z"
    assert told["verdict"] == "drift"
    now = monitor.check("s", window=day.isoformat())["windows"][0]
    assert now["score"] < told["score"]


def test_a_window_that_is_not_over_is_not_reported_on(tmp_path: Path, saved: Save) -> None:
    """Rows of today's first hours have no verdict yet: the page is yesterday's."""
    settings = MonitorSettings(
        space="s", source="a.parquet", at="at", entity="user", text="text", reference="4w"
    )
    saved(traffic(30), "a.parquet")
    config = Config(root=tmp_path, monitors={"m": settings}, report=ReportSettings(map="none"))
    (one,) = Monitor(config).run(as_of=FIRST_DAY + timedelta(days=29, hours=6))["monitors"]
    assert one["windows"] == 1
    assert Path(one["report"]).name == f"{FIRST_DAY + timedelta(days=28):%Y-%m-%dT%H%M}.html"


def test_a_topic_keeps_its_name_when_the_reference_moves_on(tmp_path: Path, saved: Save) -> None:
    """Numbers and names of topics are those of the first reference, though others came since."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="none")))
    monitor.ingest("s", saved(traffic(63, surge=range(35, 63)), "a.parquet"), COLUMNS)
    names = []
    for first, last in ((0, 28), (35, 63)):
        start, end = (FIRST_DAY + timedelta(days=n) for n in (first, last))
        monitor.reference("s", start=start, end=end)
        (window,) = monitor.check("s")["windows"]
        names.append({one["id"]: one["label"] for one in window["clusters"]})
    before, after = names
    assert len(before) > 3
    assert {k: after[k] for k in before} == before


def test_what_a_topic_grew_by_names_it(tmp_path: Path, saved: Save) -> None:
    """Pizza falls into a topic of the reference: that bears its name on the day it surges."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="none")))
    rows = traffic(36, surge=range(35, 36))
    monitor.ingest("s", saved(rows.slice(0, 35 * 160), "a.parquet"), COLUMNS)
    monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=35))
    monitor.ingest("s", saved(rows.slice(35 * 160), "b.parquet"), COLUMNS)
    quiet, surge = (
        {one["id"]: one for one in monitor.check("s", window=at)["windows"][0]["clusters"]}
        for at in ("2026-09-27", "latest")
    )
    grown = max(surge.values(), key=lambda one: one["current_share"] - one["reference_share"])
    assert grown["current_share"] > 2 * grown["reference_share"] > 0
    assert "pizza" in grown["label"]
    assert "pizza" not in quiet[grown["id"]]["label"]
    others = surge.keys() - {grown["id"]}
    assert {surge[k]["label"] for k in others} == {quiet[k]["label"] for k in others}


@pytest.mark.parametrize("mode", ["none", "hash", "truncate"])
def test_what_a_page_keeps_to_itself_its_json_does_too(
    tmp_path: Path, saved: Save, mode: str
) -> None:
    """Both lie in one folder; and the page made of that JSON is the page."""
    settings = ReportSettings(map="pca", examples=mode, redact=("fis.",))  # type: ignore[arg-type]
    monitor = Monitor(Config(root=tmp_path, report=settings))
    monitor.ingest("s", saved(traffic(24, rows=60), "a.parquet"), COLUMNS, sample=100)
    monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=22))
    page = Path(monitor.report("s")["report"])
    told = json.loads(page.with_suffix(".json").read_text())
    texts = {*told["map"]["points"]["text"], *(row["text"] for row in told["examples"]["novel"])}
    assert "fish" not in texts
    assert ("soup" in texts) == (mode == "truncate")
    assert (texts == {None}) == (mode == "none")
    again = monitor.render(page.with_suffix(".json"), tmp_path / "again.html")["report"]
    assert Path(again).read_bytes() == page.read_bytes()


def test_the_level_follows_what_stays(tmp_path: Path, saved: Save) -> None:
    """It is over four weeks of days, those that alarmed included: a surge fills it day by day."""
    monitor = Monitor(Config(root=tmp_path, report=ReportSettings(map="none")))
    rows = traffic(91, surge=range(84, 91))
    monitor.ingest("s", saved(rows, "a.parquet"), COLUMNS)
    monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=84))
    windows = monitor.check("s", window="all")["windows"][-8:]
    levels = [one["level"] for one in windows]
    assert [one["verdict"] for one in windows] == ["ok", *["drift"] * 7]
    assert levels == sorted(levels)
    assert levels[-1] > 2 * levels[1] > 2 * levels[0]
