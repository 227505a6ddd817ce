"""From how alerts stand to messages: once, repeated, over, muted, late, and not too many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.message import fingerprint
from monitor.config import AlertSettings, Config, ReportSettings, SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery
from monitor.pipeline import Monitor
from monitor.pipeline.groups import groups, state_of
from monitor.pipeline.notices import Late, notify
from monitor.store import AlertRow, RunRow

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        """The time it shows."""
        return self.at


def alert(name: str = "embedding_drift", state: Any = "firing", **changes: Any) -> AlertRow:
    """An alert of monitor m since an hour ago; `segment` and `severity` are labels."""
    labels = {
        "alertname": name,
        "monitor": changes.pop("monitor", "m"),
        "space": "dishes",
        "severity": changes.pop("severity", "warning"),
    }
    if "segment" in changes:
        labels["segment"] = changes.pop("segment")
    row = AlertRow(
        fingerprint(labels), labels, state, NOW - HOUR, None, 0, labels["severity"],
        None, None, f"{labels['monitor']}: {name}", None, body={"score": 4.5},
    )  # fmt: skip
    return replace(row, **changes)


@pytest.fixture
def clock() -> Clock:
    """A clock at NOW."""
    return Clock()


@pytest.fixture
def monitor(tmp_path: Path, clock: Clock) -> Iterator[Monitor]:
    """A monitor with two sinks, of which one takes what is critical only."""
    config = Config(
        root=tmp_path,
        sinks={
            "book": SinkSettings(kind="jsonl", path="a.jsonl"),
            "pager": SinkSettings(kind="jsonl", path="p.jsonl", severities=("critical",)),
        },
        report=ReportSettings(base_url="https://r.example/embmon/"),
        alerts=AlertSettings(max_messages=10),
    )
    found = Monitor(config, now=clock)
    found.workspace.store.ensure_space("dishes", {}, 4, NOW)
    yield found
    found.workspace.store.close()


def keep(monitor: Monitor, *rows: AlertRow) -> None:
    """Stores alerts as they stand."""
    at = monitor.workspace.now()
    run = RunRow(f"r{len(monitor.workspace.store.runs('dishes'))}", "check", "dishes", "m",
                 at, at, None)  # fmt: skip
    monitor.workspace.store.record_check(run, states={row.fingerprint: row for row in rows})


def told(monitor: Monitor, sink: str = "book") -> list[dict[str, Any]]:
    """The bodies in the outbox for one sink, oldest first."""
    found: list[Delivery] = monitor.workspace.store.deliveries()
    return [dict(one.payload) for one in reversed(found) if one.sink == sink]


def test_one_message_when_it_fires_then_by_the_interval_then_one_when_over(
    monitor: Monitor, clock: Clock
) -> None:
    """Sixty hours of hourly looks at a firing alert: said, repeated after a day, and over."""
    keep(monitor, alert())
    for _ in range(60):
        notify(monitor.workspace)
        clock.at += HOUR
    said = told(monitor)
    assert [(one["state"], one["repeat"]) for one in said] == [
        ("firing", False),
        ("firing", True),
        ("firing", True),
    ]
    keep(monitor, alert(state="resolved"))
    notify(monitor.workspace)
    assert notify(monitor.workspace) == 0
    last = told(monitor)[-1]
    assert (last["state"], last["summary"]) == ("resolved", "over: m: embedding_drift")
    assert len({one.id for one in monitor.workspace.store.deliveries()}) == 4


def test_the_message_says_what_a_person_needs(monitor: Monitor) -> None:
    """Summary, numbers, report, what to do next, and until when it may be believed."""
    keep(monitor, alert())
    notify(monitor.workspace, pages={"m": "dishes/2026.html"})
    (body,) = told(monitor)
    assert body["score"] == 4.5
    assert body["report"] == "https://r.example/embmon/dishes/2026.html"
    assert body["ends_at"] == "2026-11-20T14:00:00Z"
    assert body["next"].startswith("Look at the report")


def test_an_acknowledged_alert_is_not_repeated(monitor: Monitor, clock: Clock) -> None:
    """Someone is on it; its end is still said."""
    keep(monitor, alert())
    notify(monitor.workspace)
    monitor.alerts_ack(alert().fingerprint)
    clock.at += timedelta(days=3)
    assert notify(monitor.workspace) == 0
    keep(monitor, alert(state="resolved"))
    assert notify(monitor.workspace) == 1


def test_whoever_acknowledges_a_message_has_acknowledged_all_it_tells(
    monitor: Monitor, clock: Clock
) -> None:
    """Also segments without their whole, and those that join while someone is on it."""
    it, de = alert(segment="country=it"), alert(segment="country=de")
    keep(monitor, it, de)
    notify(monitor.workspace)
    (message,) = told(monitor)
    answer = monitor.alerts_ack(message["fingerprint"][:8])
    assert answer["segments"] == ["country=de", "country=it"]
    keep(monitor, alert(monitor="n"))
    notify(monitor.workspace)
    assert monitor.alerts_ack(alert(monitor="n").fingerprint)["segments"] == []
    keep(monitor, alert(monitor="n", segment="country=it"))
    clock.at += timedelta(days=3)
    assert notify(monitor.workspace) == 0


def test_a_silence_holds_back_and_then_lets_through(monitor: Monitor, clock: Clock) -> None:
    """What fires during a silence is said when the silence ends, if it still fires."""
    silence = monitor.alerts_silence({"monitor": "m"}, length="2h", author="ada", comment="deploy")
    assert silence["end"] == "2026-11-20T14:00:00Z"
    keep(monitor, alert())
    assert notify(monitor.workspace) == 0
    assert monitor.status()["firing"][0]["muted"]
    assert monitor.alerts_list()["silences"][0]["comment"] == "deploy"
    clock.at += timedelta(hours=1)
    monitor.alerts_unsilence(silence["id"])
    assert notify(monitor.workspace) == 1


def test_a_silence_of_an_unknown_label_is_refused(monitor: Monitor) -> None:
    """A misspelt label would mute nothing, and an empty silence everything."""
    with pytest.raises(UsageError) as caught:
        monitor.alerts_silence({"monitr": "m"})
    assert caught.value.message == "'monitr' is not a label of alerts"
    assert caught.value.hint == "labels: alertname, monitor, space, segment, severity"
    with pytest.raises(UsageError, match="a silence needs a label"):
        monitor.alerts_silence({})


@pytest.mark.parametrize("cause", ["encoder_changed", "reference_changed", "too_few_rows"])
def test_what_explains_drift_mutes_it_and_speaks_itself(monitor: Monitor, cause: str) -> None:
    """One message, of the cause; drift that lasts longer than its cause is said then."""
    keep(monitor, alert(), alert(segment="de"), alert(cause, severity="critical"))
    notify(monitor.workspace)
    assert [one["labels"]["alertname"] for one in told(monitor)] == [cause]
    keep(monitor, alert(cause, severity="critical", state="resolved"))
    notify(monitor.workspace)
    names = [(one["labels"]["alertname"], one["state"]) for one in told(monitor)]
    assert set(names) == {(cause, "firing"), (cause, "resolved"), ("embedding_drift", "firing")}
    assert len(names) == 3


def test_another_monitors_encoder_explains_nothing(monitor: Monitor) -> None:
    """Inhibition stays within a monitor."""
    keep(monitor, alert(), alert("encoder_changed", monitor="other", severity="critical"))
    assert notify(monitor.workspace) == 3


def test_what_nobody_heard_is_said_once_somebody_listens(tmp_path: Path, clock: Clock) -> None:
    """An incident that began while no sink took it; what was over by then is not said."""
    critical = SinkSettings(kind="jsonl", path="p.jsonl", severities=("critical",))
    book = SinkSettings(kind="jsonl", path="a.jsonl")
    found = []
    for sinks in ({}, {"pager": critical}, {"pager": critical, "book": book}):
        monitor = Monitor(Config(root=tmp_path, sinks=sinks), now=clock)
        if not sinks:
            monitor.workspace.store.ensure_space("dishes", {}, 4, NOW)
            keep(monitor, alert(), alert("no_data"))
        elif "book" in sinks:
            keep(monitor, alert("no_data", state="resolved"))
        found.append([notify(monitor.workspace) for _ in range(2)])
        clock.at += timedelta(days=2)
    assert found == [[0, 0], [0, 0], [1, 0]]
    (said,) = told(monitor)
    assert (said["labels"]["alertname"], said["repeat"]) == ("embedding_drift", False)
    monitor.workspace.store.close()


def test_segments_share_a_message(monitor: Monitor) -> None:
    """1000 drifting segments are one message, which lists fifty and counts the rest; it is over
    when the last of them is."""
    rows = [alert(segment=f"s{n:03}") for n in range(1000)]
    keep(monitor, *rows)
    assert notify(monitor.workspace) == 1
    (body,) = told(monitor)
    assert (len(body["segments"]), body["segments_total"]) == (50, 1000)
    assert "segment" not in body["labels"]
    assert body["summary"] == "m: embedding_drift (and 999 more segments)"
    over = [replace(row, state="resolved") for row in rows]
    keep(monitor, *over[:999])
    assert notify(monitor.workspace) == 0
    keep(monitor, over[999])
    assert notify(monitor.workspace) == 1


def test_a_segment_that_joins_is_told_to_those_who_asked_for_it_alone(tmp_path: Path) -> None:
    """Whoever knows of the incident hears of its segments with the next message."""
    sinks = {
        "book": SinkSettings(kind="jsonl", path="a.jsonl"),
        "italy": SinkSettings(kind="jsonl", path="i.jsonl", segments=("country=it",)),
    }
    monitor = Monitor(Config(root=tmp_path, sinks=sinks), now=lambda: NOW)
    monitor.workspace.store.ensure_space("dishes", {}, 4, NOW)
    keep(monitor, alert(), alert(segment="country=de"))
    notify(monitor.workspace)
    keep(monitor, alert(segment="country=it"))
    assert notify(monitor.workspace) == 1
    assert [one["segments_total"] for one in told(monitor)] == [1]
    (own,) = told(monitor, "italy")
    assert [one["segment"] for one in own["segments"]] == ["country=it"]
    assert notify(monitor.workspace) == 0
    rows = [alert(), alert(segment="country=de"), alert(segment="country=it")]
    keep(monitor, *[replace(row, state="resolved") for row in rows])
    assert notify(monitor.workspace) == 2
    assert sorted(one["segments_total"] for one in told(monitor)) == [1, 2]
    monitor.workspace.store.close()


def test_many_monitors_do_not_flood_a_channel(monitor: Monitor) -> None:
    """Thirty alerts: the nine most urgent and one that counts the others; none is lost."""
    keep(monitor, *[alert(monitor=f"m{n:02}") for n in range(29)],
         alert(monitor="worst", severity="critical"))  # fmt: skip
    assert notify(monitor.workspace) == 11
    first = told(monitor)
    assert len(first) == 10
    assert sum(one["summary"] == "worst: embedding_drift" for one in first[:2]) == 1
    assert "worst: embedding_drift" in {one["summary"] for one in first}
    (notice,) = (one for one in first if one["state"] == "notice")
    assert notice["summary"].startswith("21 more alerts wait for the next runs")
    for _ in range(3):
        notify(monitor.workspace)
    firing = [one for one in told(monitor) if one["state"] == "firing"]
    assert len({one["fingerprint"] for one in firing}) == len(firing) == 30


def test_routes(monitor: Monitor) -> None:
    """A sink with a list of severities gets those alone."""
    keep(monitor, alert(), alert(monitor="n", severity="critical"))
    notify(monitor.workspace)
    assert len(told(monitor, "book")) == 2
    assert [one["severity"] for one in told(monitor, "pager")] == ["critical"]


def test_a_run_that_comes_late_says_so_once(monitor: Monitor) -> None:
    """Without an alert it is a notice; with one, a part of its message."""
    late = Late("m", "dishes", NOW - timedelta(days=1), 24, 2)
    notify(monitor.workspace, [late])
    notify(monitor.workspace, [late])
    (notice,) = told(monitor)
    assert notice["state"] == "notice"
    assert notice["summary"] == (
        "m: no run since 2026-11-19 12:00 UTC; 24 windows judged now, 2 drifted"
    )
    keep(monitor, alert())
    notify(monitor.workspace, [replace(late, last_run_at=NOW)])
    (firing,) = (one for one in told(monitor) if one["state"] == "firing")
    assert firing["caught_up"] == {
        "since": "2026-11-20T12:00:00Z",
        "windows": 24,
        "drifted": 2,
    }
    assert len(told(monitor)) == 2


def test_an_alert_that_was_over_before_anyone_was_told_is_not_said(monitor: Monitor) -> None:
    """History that is judged late fires nobody's pager for what is long over."""
    keep(monitor, alert(state="resolved"), alert("no_data", state="pending"))
    assert notify(monitor.workspace) == 0


@pytest.mark.parametrize(
    ("rows", "state"),
    [
        ([], "ok"),
        ([alert(state="resolved")], "ok"),
        ([alert(state="pending")], "pending"),
        ([alert()], "firing"),
        ([alert(), alert("no_data")], "no_data"),
        ([alert("too_few_rows"), alert("monitor_error")], "error"),
        ([alert("reference_changed")], "ok"),
    ],
)
def test_the_state_of_a_monitor(rows: list[AlertRow], state: str) -> None:
    """No answer is worse than any answer, and never "no drift"."""
    assert state_of(rows) == state


def test_groups_are_sorted_by_urgency() -> None:
    """What fires before what is over, critical first."""
    rows = [
        alert(monitor="a", state="resolved", told="firing", severity="critical"),
        alert(monitor="b"),
        alert(monitor="c", severity="critical"),
    ]
    found = groups(rows, [], NOW, None)
    assert [group.rows[0].labels["monitor"] for group in found] == ["c", "b", "a"]
