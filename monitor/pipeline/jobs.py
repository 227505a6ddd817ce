"""What cron starts: every monitor in turn, its alerts delivered, its report rendered."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.alerts.deliver import DeliveryReport, deliver
from monitor.alerts.make import make_sink
from monitor.alerts.sink import Sink
from monitor.config import MonitorSettings, duration
from monitor.errors import MonitorError, UsageError
from monitor.model import Window
from monitor.pipeline import references
from monitor.pipeline.checking import checked
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.judging import judge, worst
from monitor.pipeline.reporting import report
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources import Columns
from monitor.store import StoredWindow

LEASE_S = 3600.0
DELIVER_S = 120.0
REFRESH = timedelta(days=7)
"""How often a trailing reference moves on; never while an incident is open."""


def run(
    workspace: Workspace, names: Sequence[str], *, as_of: datetime | None, dry_run: bool
) -> dict[str, Any]:
    """Ingests, checks, alerts and reports; see `Monitor.run`."""
    config = workspace.config
    unknown = sorted(set(names) - set(config.monitors))
    if unknown:
        raise UsageError(
            f"there is no monitor {unknown[0]!r} in the configuration",
            f"known: {', '.join(config.monitors) or 'none'}",
        )
    wanted = list(names) or list(config.monitors)
    at = as_of or workspace.now()
    job = Run("run", workspace)
    if dry_run:
        return job.document({"dry_run": True, "monitors": [{"monitor": name} for name in wanted]})
    with workspace.store.lock("run", _owner(), LEASE_S, workspace.now()):
        done = [_run_one(workspace, name, config.monitors[name], at) for name in wanted]
        delivered = flush(workspace)
    failed = [one for one in done if one.get("error")]
    words = [one["verdict"] for one in done if one.get("verdict")]
    return job.document(
        {
            "verdict": worst(words) if words else None,
            "monitors": done,
            "deliveries": vars(delivered),
            "exit_code": 1 if failed else 0 if delivered.ok else 4,
        }
    )


def flush(workspace: Workspace) -> DeliveryReport:
    """Sends what waits in the outbox."""
    config = workspace.config
    sinks: dict[str, Sink] = {
        name: make_sink(name, settings, config.root) for name, settings in config.sinks.items()
    }
    if not sinks:
        return DeliveryReport()
    return deliver(
        workspace.store,
        sinks,
        now=workspace.now,
        owner=_owner(),
        random=random.Random(),
        deadline_s=DELIVER_S,
    )


def _run_one(
    workspace: Workspace, name: str, settings: MonitorSettings, at: datetime
) -> dict[str, Any]:
    """One monitor's turn; what goes wrong in it stays in it."""
    began = time.monotonic()
    try:
        found = _turn(workspace, name, settings, at)
    except MonitorError as error:
        found = {"error": error.message, "hint": error.hint}
    return {"monitor": name, **found, "duration_s": round(time.monotonic() - began, 3)}


def _turn(
    workspace: Workspace, name: str, settings: MonitorSettings, at: datetime
) -> dict[str, Any]:
    space = settings.space
    arrived = ingest(
        workspace,
        space,
        str(workspace.config.path(settings.source)),
        columns_of(settings),
        every=settings.every,
        sample=settings.sample,
    )
    judged = judge_new(workspace, name, settings, at)
    words = [window["verdict"] for one in judged for window in one["windows"]]
    page = report(workspace, space)["report"] if words else None
    return {
        "space": space,
        "rows": arrived["rows"],
        "windows": len(words),
        "verdict": words[-1] if words else None,
        "drifted": words.count("drift"),
        "report": page,
    }


def judge_new(
    workspace: Workspace, name: str, settings: MonitorSettings, at: datetime
) -> list[dict[str, Any]]:
    """Judges every whole window that was not judged as it is now, week by week where a trailing
    reference has to move on in between."""
    space, found = settings.space, []
    _ensure_reference(workspace, settings, at)
    while True:
        by = judge(workspace, space, monitor=name)
        due = _due(workspace, name, by.basis.id, space, at)
        if by.reference.kind == "trailing" and by.reference.end is not None:
            ends = by.reference.end + REFRESH
            now, later = (
                [w for w in due if w.window.end <= ends],
                [w for w in due if w.window.end > ends],
            )
        else:
            now, later = due, []
        if now:
            found.append(checked(by, now))
        if not later:
            return found
        if not _move_on(workspace, name, settings, later[0].window.start):
            found.append(checked(by, later[: max(1, _per_week(settings))]))


def columns_of(settings: MonitorSettings) -> Columns:
    """Which columns a monitor reads."""
    return Columns(
        vector=settings.vector,
        id=settings.id,
        at=settings.at,
        entity=settings.entity,
        text=settings.text,
        timezone=settings.timezone,
        keep=settings.columns,
    )


def _ensure_reference(workspace: Workspace, settings: MonitorSettings, at: datetime) -> None:
    """Sets the first reference; sets it again while it is too short to be ready."""
    space, wanted = settings.space, settings.reference
    known = workspace.store.reference(space)
    if known is not None and known.state == "ready":
        return
    if wanted.startswith("version:"):
        references.reference(workspace, space, version=wanted.removeprefix("version:"))
    elif "/" in wanted:
        start, end = (datetime.fromisoformat(part) for part in wanted.split("/", 1))
        references.reference(workspace, space, start=start, end=end)
    else:
        first = workspace.store.windows(space, workspace.basis(space).id)[0].window.start
        end = min(first + duration(wanted), at)
        references.reference(workspace, space, trailing=wanted, end=end)


def _due(
    workspace: Workspace, name: str, basis_id: str, space: str, at: datetime
) -> list[StoredWindow]:
    """Whole windows after the first reference whose content was not judged yet."""
    first = workspace.store.references(space)[0]
    judged = {
        row.window: row.detail.get("revision")
        for row in workspace.store.history(space)
        if row.monitor == name
    }
    return [
        one
        for one in workspace.store.windows(space, basis_id, end=at)
        if one.window.end <= at
        and (first.end is None or one.window.start >= first.end)
        and judged.get(one.window) != one.revision
    ]


def _move_on(workspace: Workspace, name: str, settings: MonitorSettings, end: datetime) -> bool:
    """Moves a trailing reference up to `end`, without windows that drifted; False while an
    incident is open, when the reference stays frozen."""
    space = settings.space
    mine = [row for row in workspace.store.history(space) if row.monitor == name]
    rows = workspace.store.alert_states(space)
    if any(row.state == "firing" and row.labels.get("monitor") == name for row in rows):
        return False
    drifted: set[Window] = {row.window for row in mine if row.word == "drift"}
    references.reference(workspace, space, trailing=settings.reference, end=end, leave_out=drifted)
    return True


def _per_week(settings: MonitorSettings) -> int:
    return int(REFRESH / duration(settings.every))


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
