"""What has to be said of which alerts now, from how they stand and what was said. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.incidents import INHIBITORS, Saying, Told, saying
from monitor.model import MonitorState, Silence
from monitor.pipeline.sights import DIMENSION, DRIFT, ENCODER, ERROR, NO_DATA, SCHEMA, TOO_FEW
from monitor.store import AlertRow

_GROUP = ("space", "monitor", "alertname", "severity")
_URGENCY = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True)
class Group:
    """Alerts that differ in their segment only, and what has to be said of them now.

    rows: those it is said of; the alert of the whole comes first, where it is among them.
    """

    saying: Saying
    rows: tuple[AlertRow, ...]

    @property
    def labels(self) -> dict[str, str]:
        """The labels they share."""
        return group_labels(self.rows[0])

    @property
    def urgency(self) -> tuple[bool, int]:
        """What began before what is over, and the worst of it first."""
        return self.saying == "resolved", _URGENCY.get(self.rows[0].severity, 1)


def groups(
    rows: Sequence[AlertRow],
    silences: Sequence[Silence],
    now: datetime,
    repeat: timedelta | None,
) -> list[Group]:
    """What has to be said of the alerts `rows` now, the most urgent first."""
    found = []
    firing = [row for row in rows if row.state == "firing"]
    for mine in _members(rows):
        known = [_told(row, firing, silences, now) for row in mine]
        if known[0].firing and known[0].told and "segment" not in mine[0].labels:
            acked = known[0].acked
            known = [replace(one, part=True, acked=one.acked or acked) for one in known]
        said = saying(known, now, repeat)
        if said is not None:
            concerned = [r for r, t in zip(mine, known, strict=True) if _concerned(t, said)]
            found.append(Group(said, tuple(concerned)))
    return sorted(found, key=lambda group: group.urgency)


def still_firing(
    rows: Sequence[AlertRow], silences: Sequence[Silence], now: datetime
) -> list[Group]:
    """The groups that fire, were told before, and are not muted."""
    firing = [row for row in rows if row.state == "firing"]
    known = [row for row in firing if row.told == "firing"]
    loud = [row for row in known if not is_muted(row, firing, silences, now)]
    return [Group("repeat", tuple(mine)) for mine in _members(loud)]


def is_muted(
    row: AlertRow, firing: Iterable[AlertRow], silences: Iterable[Silence], now: datetime
) -> bool:
    """Whether a silence, or an alert of `firing` that explains this one, keeps it quiet."""
    if any(silence.mutes(row.labels, now) for silence in silences):
        return True
    inhibitors = INHIBITORS.get(row.labels["alertname"], ())
    return any(
        other.labels["alertname"] in inhibitors
        and other.labels["monitor"] == row.labels["monitor"]
        and other.labels.get("segment") in (None, row.labels.get("segment"))
        for other in firing
    )


def group_labels(row: AlertRow) -> dict[str, str]:
    """The labels of the messages that an alert is told in: its own, but for the segment."""
    return {key: row.labels[key] for key in _GROUP if key in row.labels}


def _members(rows: Iterable[AlertRow]) -> list[list[AlertRow]]:
    """The alerts by group; that of the whole before those of segments."""
    found = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.labels.get("segment", "")):
        found[tuple(row.labels.get(key, "") for key in _GROUP)].append(row)
    return list(found.values())


def _told(
    row: AlertRow, firing: Sequence[AlertRow], silences: Sequence[Silence], now: datetime
) -> Told:
    muted = is_muted(row, firing, silences, now)
    acked = row.acked_at is not None
    return Told(row.state == "firing", row.told == "firing", muted, acked, row.last_sent_at)


def _concerned(told: Told, said: Saying) -> bool:
    if said == "resolved":
        return told.told
    if not told.firing or told.muted:
        return False
    return not (told.told if said == "joined" else said == "repeat" and told.acked)


def state_of(rows: Sequence[AlertRow]) -> MonitorState:
    """How a monitor stands, from its alerts: no answer is worse than any."""
    firing = {row.labels["alertname"] for row in rows if row.state == "firing"}
    if firing & {ERROR, DIMENSION, SCHEMA}:
        return "error"
    if firing & {NO_DATA, TOO_FEW}:
        return "no_data"
    if firing & {DRIFT, ENCODER}:
        return "firing"
    drift = [row for row in rows if row.labels["alertname"] == DRIFT]
    return "pending" if any(row.state == "pending" for row in drift) else "ok"


def alert_document(row: AlertRow) -> dict[str, Any]:
    """An alert in JSON."""
    return {
        "fingerprint": row.fingerprint,
        "monitor": row.labels.get("monitor"),
        "space": row.labels.get("space"),
        "segment": row.labels.get("segment"),
        "alert": row.labels.get("alertname"),
        "state": row.state,
        "severity": row.severity,
        "since": row.since,
        "summary": row.summary,
        "acked_by": row.acked_by,
        "told": row.told or None,
        "last_sent_at": row.last_sent_at,
    }
