"""Windows judged: calm, drift, alerts, and judging again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitor.config import Config, MonitorSettings, SinkSettings
from monitor.errors import UsageError
from monitor.pipeline import Monitor, checking, past
from monitor.sources import Columns
from monitor.store import Store, StoredWindow

from .conftest import COLUMNS, FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]
EIGHT_WEEKS = {"start": FIRST_DAY, "end": FIRST_DAY + timedelta(weeks=8)}


def test_calm_weeks_are_ok(monitor: Monitor, saved: Save, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two weeks like the eight before bring no alarm. Of many windows the last are told in full."""
    monkeypatch.setattr(checking, "MOST_TOLD", 14)
    monitor.ingest("s", saved(traffic(70), "a.parquet"), COLUMNS)
    assert monitor.reference("s", **EIGHT_WEEKS)["state"] == "ready"
    windows = monitor.check("s", window="all")["windows"]
    words = [w["verdict"] for w in windows]
    assert words.count("drift") == 0
    assert words[56:].count("ok") >= 13
    assert [bool(w.get("clusters")) for w in windows] == 56 * [False] + 14 * [True]
    assert len(monitor.history("s")["windows"]) == 70


def test_popular_queries_are_no_fault(monitor: Monitor, saved: Save) -> None:
    """Where four of five rows come from forty vectors each day, that they repeat breaks no hard
    rule; where all come from twelve on the last day, that does."""
    table, rng = traffic(58), np.random.default_rng(3)
    n = table.num_rows
    last = np.arange(n) >= n - 160
    popular = last | (rng.random(n) < 0.8)
    taken = np.where(popular, rng.integers(0, np.where(last, 12, 40)), np.arange(n))
    place = table.schema.get_field_index("embedding")
    table = table.set_column(place, "embedding", table["embedding"].take(pa.array(taken)))
    monitor.ingest("s", saved(table, "a.parquet"), Columns(at="at"))
    monitor.reference("s", **EIGHT_WEEKS)
    *_, calm, copied = monitor.check("s", window="all")["windows"]
    assert calm["verdict"] == "ok"
    assert copied["verdict"] == "drift"
    assert "repeat another row, " in copied["causes"][0]
    assert copied["causes"][0].endswith("% usually do")


def test_a_new_topic_is_found_named_and_alerted_once(tmp_path: Path, saved: Save) -> None:
    """The surge alarms on its first day, in the right cluster; the alert fires once, and is
    over after six quiet days; judging the same windows again sends nothing."""
    sink = {"file": SinkSettings(kind="jsonl", path="alerts.jsonl")}
    monitor = Monitor(Config(root=tmp_path, sinks=sink))
    days = traffic(72, surge=range(60, 64))
    monitor.ingest("s", saved(days.slice(0, 64 * 160), "a.parquet"), COLUMNS)
    monitor.reference("s", **EIGHT_WEEKS)
    assert [a["state"] for a in monitor.check("s", window="all")["alerts"]] == ["firing"]
    assert monitor.alerts_flush()["sent"] == 1
    monitor.ingest("s", saved(days.slice(64 * 160), "b.parquet"), COLUMNS)
    answer = monitor.check("s", window="all")
    drifted = [w for w in answer["windows"] if w["verdict"] == "drift"]
    assert [w["window"]["start"][:10] for w in drifted] == [
        f"2026-10-{day}" for day in (23, 24, 25, 26)
    ]
    top = drifted[0]["clusters"][0]
    assert top["drifted"]
    assert top["label"] == "pizza"
    assert top["current_share"] - top["reference_share"] > 0.2
    assert "pizza" in drifted[0]["causes"][0]
    assert [a["state"] for a in answer["alerts"]] == ["resolved"]
    again = monitor.check("s", window="all")
    assert again["alerts"] == []
    assert monitor.alerts_flush()["sent"] == 1
    lines = (tmp_path / "alerts.jsonl").read_text().splitlines()
    assert len(lines) == 2
    assert '"state":"firing"' in lines[0]
    assert "2026-10-23" in lines[0]


def test_older_history_changes_no_verdict(
    tmp_path: Path, saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here a verdict reaches seven days back. What lies before them, judged or not, is not read;
    nor does it matter how much is read at once."""
    days = traffic(90, surge=range(62, 64))
    late = saved(days.slice(56 * 160), "late.parquet")
    middle = saved(days.slice(28 * 160, 28 * 160), "middle.parquet")
    early = saved(days.slice(0, 28 * 160), "early.parquet")
    whole, short = (Monitor(Config(root=tmp_path / name)) for name in ("whole", "short"))
    read, late_days = list[int](), ("2026-10-27T12:00:00", "2026-11-21T12:00:00")
    windows = Store.windows

    def counted(self: Store, *names: Any, **limits: Any) -> list[StoredWindow]:
        found = windows(self, *names, **limits)
        read.append(len(found))
        return found

    found = []
    for monitor, first, ahead in ((whole, 0, 512), (short, 28, 2)):
        monitor.ingest("s", late, COLUMNS)
        monitor.ingest("s", middle, COLUMNS)
        if first == 0:
            monitor.ingest("s", early, COLUMNS)
        monitor.reference("s", start=FIRST_DAY + timedelta(days=28), end=EIGHT_WEEKS["end"])
        monkeypatch.setattr(past, "AHEAD", ahead)
        told = monitor.check("s", window="all")["windows"][-34:]
        monkeypatch.setattr(Store, "windows", counted)
        found.append([told, *(monitor.check("s", window=at)["windows"] for at in late_days)])
        monkeypatch.setattr(Store, "windows", windows)
    assert found[0] == found[1]
    assert [w["verdict"] for w in found[0][0]].count("drift") == 2
    assert max(read[-4:]) <= 7 + 2


def test_a_topic_that_spreads_out_is_named(monitor: Monitor, saved: Save) -> None:
    """On the last day rows about bread lie farther from each other, as many as before: the alarm
    names their clusters for that, and the day before nothing is marked."""
    table = traffic(31, rows=1500)
    vectors = np.stack(table["embedding"].to_numpy()).copy()
    bread = np.flatnonzero(pc.equal(table["text"], "bread").to_numpy())
    centre, last = vectors[bread].mean(axis=0), bread[bread >= 30 * 1500]
    vectors[last] = centre + 1.6 * (vectors[last] - centre)
    column = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 16)
    table = table.set_column(table.column_names.index("embedding"), "embedding", column)
    monitor.ingest("s", saved(table, "a.parquet"), COLUMNS)
    monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=30))
    before, found = monitor.check("s", window="all")["windows"][-2:]
    assert not any(c["drifted"] or c["radius_drifted"] for c in before["clusters"])
    assert found["verdict"] == "drift"
    assert found["causes"][0].startswith("rows in cluster “bread” lie")
    marked = [c for c in found["clusters"] if c["radius_drifted"]]
    assert {c["label"] for c in marked} == {"bread"}
    assert all(c["radius_ratio"] > 1.3 for c in marked)


def test_few_windows_are_calibrating(monitor: Monitor, saved: Save) -> None:
    """Ten days of reference allow no statistical verdict."""
    monitor.ingest("s", saved(traffic(12), "a.parquet"), COLUMNS)
    answer = monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=10))
    assert answer["state"] == "calibrating"
    (window,) = monitor.check("s")["windows"]
    assert window["verdict"] == "calibrating"
    assert window["p_value"] is None
    assert window["causes"] == [
        "calibrating: 10 reference windows in 1 week; 20 windows and two weeks are needed"
    ]


@pytest.mark.parametrize("asked", [{"trailing": "8w"}, {"start": FIRST_DAY}])
def test_it_is_said_when_there_will_be_enough(
    monitor: Monitor, saved: Save, asked: dict[str, Any]
) -> None:
    """Twenty days after the first row, also of a reference that trails by more than there is."""
    monitor.ingest("s", saved(traffic(12), "a.parquet"), COLUMNS)
    monitor.reference("s", **asked)
    (window,) = monitor.check("s")["windows"]
    assert window["causes"] == [
        "calibrating: 12 reference windows in 2 weeks; 20 windows and two weeks are needed",
        "ready on 13 September 2026, if no window is missing",
    ]


def test_a_reference_that_a_run_would_replace_says_so(tmp_path: Path, saved: Save) -> None:
    """Where it is too short to judge by, and is not what the settings of the monitor say."""
    settings = MonitorSettings(space="s", source="a.parquet", at="at")
    monitor = Monitor(Config(root=tmp_path, monitors={"m": settings}))
    monitor.ingest("s", saved(traffic(12), "a.parquet"), COLUMNS)
    answer = monitor.reference("s", start=FIRST_DAY, end=FIRST_DAY + timedelta(days=3))
    assert answer["warnings"] == [
        "this is too little to judge by: the next run of 'm' sets its own again, reference = '8w'"
    ]
    assert monitor.reference("s", trailing="8w")["warnings"] == []


def test_a_window_that_is_no_time_is_named(monitor: Monitor, saved: Save) -> None:
    """From Python, too, it is an error with a hint."""
    monitor.ingest("s", saved(traffic(2), "a.parquet"), COLUMNS)
    monitor.reference("s")
    with pytest.raises(UsageError) as caught:
        monitor.check("s", window="yesterday")
    assert caught.value.message == "'yesterday' is not a time"
    assert caught.value.hint == "a window is named by `latest`, `all` or a time such as 2026-03-01"


def test_a_thin_window_is_insufficient(monitor: Monitor, saved: Save) -> None:
    """Eight rows are too few for any verdict but that."""
    monitor.ingest("s", saved(traffic(56), "a.parquet"), COLUMNS)
    thin = traffic(57, seed=3).slice(56 * 160, 8)
    monitor.ingest("s", saved(thin, "thin.parquet"), COLUMNS)
    monitor.reference("s", **EIGHT_WEEKS)
    (window,) = monitor.check("s")["windows"]
    assert window["verdict"] == "insufficient"
    assert window["causes"] == ["8 usable rows; at least 50 are needed to judge"]


def test_no_reference_is_an_error_with_a_hint(monitor: Monitor, saved: Save) -> None:
    """Without a reference nothing can be judged, and the hint says what to do."""
    monitor.ingest("s", saved(traffic(2), "a.parquet"), COLUMNS)
    with pytest.raises(UsageError) as caught:
        monitor.check("s")
    assert caught.value.message == "space 's' has no reference yet"
    assert caught.value.hint == "embmon reference s --trailing 8w"
