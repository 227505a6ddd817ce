"""Segments, from a column of the traffic to what a verdict says of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.config import Config, MonitorSettings, ReportSettings, StoreSettings, load
from monitor.errors import UsageError
from monitor.pipeline import Monitor
from monitor.sources import Columns
from tests.rows import topics

START = datetime(2026, 8, 24, tzinfo=UTC)
DAYS = 35


def traffic(path: Path, *, grown: float) -> Path:
    """Five weeks of three countries, and a fourth of too few rows to be judged even by the week; on
    the last day France has another mix of topics."""
    rng = np.random.default_rng(0)
    vectors, times, countries = [], [], []
    for day in range(DAYS):
        for country, rows in (("fr", 120), ("de", 160), ("us", 240), ("mc", 6)):
            last = country == "fr" and day == DAYS - 1
            share = np.array([3, 2, 2, 1.5, 1.5]) * np.exp(0.05 * rng.normal(size=5))
            share[-1] *= grown if last else 1.0
            vectors.append(topics(rows, rng, weights=share.tolist(), d=8, spread=0.5))
            times += [START + timedelta(days=day, seconds=i) for i in range(rows)]
            countries += [country] * rows
    table = pa.table(
        {
            "embedding": list(np.vstack(vectors)),
            "at": pa.array(times, pa.timestamp("us", "UTC")),
            "country": countries,
        }
    )
    pq.write_table(table, path)
    return path


@pytest.fixture(params=[20.0])
def monitor(request: pytest.FixtureRequest, tmp_path: Path) -> Monitor:
    """A store that holds the traffic, and its first 34 days as reference."""
    settings = MonitorSettings(space="q", source="t.parquet", at="at", segments=("country",))
    config = Config(
        root=tmp_path,
        store=StoreSettings(url=f"sqlite:///{tmp_path}/embmon.db", blobs=str(tmp_path / "blobs")),
        monitors={"q": settings},
        report=ReportSettings(map="none"),
    )
    found = Monitor(config, now=lambda: START + timedelta(days=DAYS + 1))
    source = traffic(tmp_path / "t.parquet", grown=request.param)
    found.ingest("q", str(source), Columns(at="at"), segments=("country",))
    found.reference("q", start=START, end=START + timedelta(days=DAYS - 1))
    return found


def test_the_segment_that_changed_is_named(monitor: Monitor) -> None:
    """And those that did not are not."""
    (window,) = monitor.check("q")["windows"]
    assert window["verdict"] == "drift"
    assert {one["segment"] for one in window["segments"]} == {
        "country=fr",
        "country=de",
        "country=us",
    }
    first, *others = window["segments"]
    assert (first["segment"], first["verdict"], first["drifted"]) == ("country=fr", "drift", True)
    assert first["effect"]["tv_clusters"] > 0.2
    assert [one["drifted"] for one in others] == [False, False]
    assert any(cause.startswith("over this window, in country=fr: ") for cause in window["causes"])
    page = Path(monitor.report("q")["report"])
    (shown,) = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["trend"]
    assert shown["segments"]["country=fr"] == [pytest.approx(first["p_value"], rel=0.01), True]
    assert shown["segments"]["country=de"][1] is False


def test_resolutions_stand_beside_each_other(monitor: Monitor) -> None:
    """A day by itself and its week; four weeks need a longer reference."""
    (window,) = monitor.check("q")["windows"]
    assert [one["windows"] for one in window["resolutions"]] == [1, 7]
    week = window["resolutions"][1]
    assert week["rows"] > 6 * window["resolutions"][0]["rows"]


def test_quiet_days_name_no_segment(monitor: Monitor) -> None:
    """A day of the reference itself."""
    day = (START + timedelta(days=30)).isoformat()
    (window,) = monitor.check("q", window=day)["windows"]
    assert window["verdict"] == "ok"
    assert not any(one["drifted"] for one in window["segments"])


WEIGHTS = {"fr": (6, 2, 1, 1, 1), "de": (1, 6, 2, 1, 1), "us": (1, 1, 1, 4, 4)}


def mixed(path: Path) -> Path:
    """Five weeks of three countries with topics of their own; on the last day many more
    Germans and hardly an American."""
    rng = np.random.default_rng(2)
    vectors, times, countries = [], [], []
    for day in range(DAYS):
        usual = {"fr": 120, "de": 160, "us": 240}
        last = {"fr": 120, "de": 400, "us": 40}
        for country, rows in (last if day == DAYS - 1 else usual).items():
            vectors.append(topics(rows, rng, weights=WEIGHTS[country], d=8, spread=0.5))
            times += [START + timedelta(days=day, seconds=i) for i in range(rows)]
            countries += [country] * rows
    at = pa.array(times, pa.timestamp("us", "UTC"))
    table = {"embedding": list(np.vstack(vectors)), "at": at, "country": countries}
    pq.write_table(pa.table(table), path)
    return path


@pytest.mark.parametrize(("permitted", "verdict"), [(None, "drift"), ("country", "ok")])
def test_a_permitted_change_of_mix(tmp_path: Path, permitted: str | None, verdict: str) -> None:
    """What moves every topic is no drift where the monitor's settings permit it, and is told."""
    settings = MonitorSettings(
        space="q", source="t.parquet", at="at", segments=("country",), permitted_mix=permitted
    )
    store = StoreSettings(url=f"sqlite:///{tmp_path}/embmon.db", blobs=str(tmp_path / "blobs"))
    config = Config(root=tmp_path, store=store, monitors={"q": settings})
    monitor = Monitor(config, now=lambda: START + timedelta(days=DAYS + 1))
    source = mixed(tmp_path / "t.parquet")
    monitor.ingest("q", str(source), Columns(at="at"), segments=("country",))
    monitor.reference("q", start=START, end=START + timedelta(days=DAYS - 1))
    (window,) = monitor.check("q")["windows"]
    assert window["verdict"] == verdict
    told = [cause for cause in window["causes"] if cause.startswith("a permitted change of mix")]
    assert told == (
        [
            "a permitted change of mix, told apart from drift: country=de 30.8% -> 71.0%, "
            "country=us 45.9% -> 6.8%"
        ]
        if permitted
        else []
    )


def test_a_permitted_mix_is_of_a_segment(tmp_path: Path) -> None:
    """Any other column is refused where the settings are read."""
    path = tmp_path / "embmon.toml"
    path.write_text(
        '[monitors.q]\nspace = "q"\nsource = "t.parquet"\nat = "at"\nsegments = ["country"]\n'
        'permitted_mix = "device"\n'
    )
    with pytest.raises(UsageError) as found:
        load(path, {})
    assert str(found.value) == "permitted_mix = 'device' of monitor 'q' is no segment"
    assert found.value.hint == "name it among segments, which are ['country']"


def test_a_segment_of_few_rows_is_told_nowhere(monitor: Monitor, tmp_path: Path) -> None:
    """One row a day could tell on a person: neither verdicts, messages nor pages name it."""
    rng = np.random.default_rng(1)
    late = pa.table(
        {
            "embedding": list(rng.normal(size=(10, 8)).astype(np.float32)),
            "at": pa.array(
                [START + timedelta(days=DAYS - 1 - i) for i in range(10)],
                pa.timestamp("us", "UTC"),
            ),
            "country": ["li"] * 10,
        }
    )
    pq.write_table(late, tmp_path / "late.parquet")
    monitor.ingest("q", str(tmp_path / "late.parquet"), Columns(at="at"), segments=("country",))
    monitor.reference("q", start=START, end=START + timedelta(days=DAYS - 1))
    found = monitor.check("q")
    assert found["windows"][0]["segments"]
    page = Path(monitor.report("q")["report"])
    told = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    assert [c["current"].keys() >= {"fr", "de", "us"} for c in told["columns"]] == [True]
    for one in (found, told, monitor.alerts_list(), monitor.status()):
        assert "li" not in _names(one)


def _names(value: object) -> set[str]:
    """Every key and text of a document, and what stands behind `=` in it."""
    if isinstance(value, dict):
        return {*value, *(name for one in value.values() for name in _names(one))}
    if isinstance(value, list):
        return {name for one in value for name in _names(one)}
    return {str(value), str(value).rpartition("=")[2]}
