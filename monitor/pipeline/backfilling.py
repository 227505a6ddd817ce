"""Past windows of a monitor, judged again or for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from monitor.model import Window
from monitor.pipeline.arrivals import ingested
from monitor.pipeline.checking import checked
from monitor.pipeline.judging import judge
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.store import StoredWindow

LEASE_S = 3600.0
Mode = Literal["none", "failed", "completed"]


def backfill(
    workspace: Workspace,
    monitor: str,
    *,
    start: datetime,
    end: datetime,
    mode: Mode,
) -> dict[str, Any]:
    """Ingests what is new and judges windows of `[start, end)`; see `Monitor.backfill`."""
    settings = workspace.monitor(monitor)
    run = Run("backfill", workspace)
    with workspace.store.lock("run", owner(), LEASE_S, workspace.now()) as lease:
        arrived = ingested(workspace, settings)
        run.warnings += [*arrived.warnings, *arrived.unread]
        by = judge(workspace, settings.space, monitor=monitor)
        inside = workspace.store.windows(settings.space, by.basis.id, start, end)
        known = workspace.store.history(settings.space, monitor=monitor, start=start, end=end)
        words = {row.window: row.word for row in known}
        chosen = [one for one in inside if _wanted(one, words, mode)]
        judged = checked(by, chosen, lease)["windows"] if chosen else []
    return run.document(
        {
            "monitor": monitor,
            "space": settings.space,
            "mode": mode,
            "rows": arrived.rows,
            "found": len(inside),
            "chosen": len(chosen),
            "windows": [{**one["window"], "verdict": one["verdict"]} for one in judged],
        }
    )


def _wanted(stored: StoredWindow, words: Mapping[Window, str], mode: Mode) -> bool:
    """`none`: windows without a verdict; `failed`: also those that could not be judged;
    `completed`: all."""
    word = words.get(stored.window)
    undecided = word in (None, "insufficient", "calibrating")
    return mode == "completed" or word is None or (mode == "failed" and undecided)
