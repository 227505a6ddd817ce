"""How things stand: status, history, housekeeping."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from monitor.alerts.deliver import WAITS
from monitor.pipeline import pages
from monitor.pipeline.contents import INDEX, STATUS
from monitor.pipeline.groups import alert_document, is_muted, state_of
from monitor.pipeline.shelf import Shelf
from monitor.pipeline.workspace import Run, Workspace
from monitor.store import TurnRow, VerdictRow

SAFETY_AGE = timedelta(hours=1)
GIVEN_UP_SHOWN = timedelta(days=7)
"""So long a message that was given up is told of, and can be tried again."""


def status(workspace: Workspace, *, out: Path | None = None) -> dict[str, Any]:
    """What fires now, what waits to be sent; see `Monitor.status`."""
    document = _status(workspace)
    return document if out is None else _page(workspace, document, Shelf(out.parent), out)


def _page(workspace: Workspace, document: dict[str, Any], beside: Shelf, out: Path) -> Any:
    """The status with its page `out`, which links to the lists of reports that lie `beside` it."""
    for row in document["monitors"]:
        name = f"{row['space']}/{INDEX}"
        row["reports"] = name if beside.has(name) else None
    return pages.rendered(workspace, document, out)


def write_status(workspace: Workspace) -> None:
    """Keeps the page of how things stand in the folder of reports, where there is one."""
    shelf = workspace.shelf
    if workspace.rehearsal is None and shelf.has(INDEX):
        _page(workspace, _status(workspace), shelf, shelf.folder / STATUS)
        shelf.publish(STATUS)


def _status(workspace: Workspace) -> dict[str, Any]:
    store, now = workspace.store, workspace.now()
    rows, silences = store.alert_states(), store.silences(now)
    turns = {turn.monitor: turn for turn in store.turns()}
    monitors = [
        {
            **judged_document(row),
            "state": state_of([one for one in rows if one.labels["monitor"] == row.monitor]),
            "turn": _turn(turns.get(row.monitor)),
        }
        for row in store.latest_verdicts()
    ]
    judged = {row["monitor"] for row in monitors}
    return Run("status", workspace).document(
        {
            "monitors": monitors,
            "failing": [_turn(turn) for turn in turns.values() if turn.trouble],
            "unjudged": sorted(set(workspace.config.monitors) - judged),
            "firing": [
                {**alert_document(row), "muted": is_muted(row, rows, silences, now)}
                for row in rows
                if row.state == "firing"
            ],
            "silences": len([one for one in silences if one.start <= now]),
            "outbox": _outbox(workspace),
        }
    )


def _outbox(workspace: Workspace) -> dict[str, Any]:
    """What waits and why, by sink, and what was given up lately."""
    store = workspace.store
    waiting, dead = store.deliveries("pending"), store.given_up(workspace.now() - GIVEN_UP_SHOWN)
    failing: dict[str, dict[str, Any]] = {}
    for one in waiting:
        known = failing.get(one.sink)
        if one.error and (known is None or known["error"] == WAITS):
            told = {"sink": one.sink, "error": one.error, "attempts": one.attempts}
            failing[one.sink] = {**told, "next_at": one.next_at}
    return {
        "pending": store.pending_count(),
        "failing": list(failing.values()),
        "dead": [{"id": one.id, "sink": one.sink, "error": one.error} for one in dead],
    }


def _turn(turn: TurnRow | None) -> dict[str, Any] | None:
    if turn is None:
        return None
    keys = ("monitor", "run_id", "finished_at", "succeeded_at")
    return {**{key: getattr(turn, key) for key in keys}, "error": turn.trouble}


def history(workspace: Workspace, space: str, last: int | None = None) -> dict[str, Any]:
    """The verdicts of a space over time; see `Monitor.history`."""
    store = workspace.store
    store.space(space)
    windows = [judged_document(row) for row in store.history(space, last)]
    earlier = store.judged(space) - len(windows)
    return Run("history", workspace).document(
        {"space": space, "windows": windows, "earlier": earlier}
    )


def gc(workspace: Workspace, dry_run: bool) -> dict[str, Any]:
    """Removes blobs nothing points at; see `Monitor.gc`."""
    found = workspace.store.gc(workspace.now(), SAFETY_AGE, dry_run)
    return Run("gc", workspace).document({**vars(found), "blobs": len(found.blobs)})


def judged_document(row: VerdictRow) -> dict[str, Any]:
    """A kept verdict in JSON."""
    return {
        "space": row.space,
        "monitor": row.monitor,
        **row.window.to_dict(),
        "verdict": row.word,
        "p_value": row.p_value,
        "score": row.score,
        "threshold": row.threshold,
        "rows": row.rows,
        "incident_since": row.detail.get("incident_since"),
    }
