"""What cron starts: every monitor in turn, its alerts delivered, its report rendered."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from time import monotonic
from typing import Any

from monitor.alerts.deliver import DeliveryReport, deliver
from monitor.alerts.make import make_sinks
from monitor.alerts.sink import Sink
from monitor.config import duration
from monitor.pipeline.judging import worst
from monitor.pipeline.metrics import beat, publish
from monitor.pipeline.notices import notify
from monitor.pipeline.shelf import report_folder
from monitor.pipeline.standing import write_status
from monitor.pipeline.turns import Turn
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.store import Lease

LEASE_S = 3600.0
DELIVER_S = 120.0


def run(workspace: Workspace, names: Sequence[str], *, as_of: datetime | None) -> dict[str, Any]:
    """Ingests, checks, alerts and reports; see `Monitor.run`."""
    wanted = _wanted(workspace, names)
    job = Run("run", workspace)
    workspace.log("run started", {"run_id": job.id, "monitors": wanted})
    job.warnings += beat(workspace, "/start")
    with workspace.store.lock("run", owner(), LEASE_S, workspace.now()) as lease:
        due = _due(workspace, wanted, as_of or workspace.now(), job.id, lease)
        _tell_cut_off(workspace, due)
        done = _taken(workspace, due)
        late = [turn.late for turn in done if turn.late]
        notify(workspace, late, {turn.name: turn.page for turn in done if turn.page})
        for turn in done:
            workspace.store.record_turn(turn.row)
        delivered = flush(workspace)
    write_status(workspace)
    results = [turn.result for turn in done]
    results += [{"monitor": turn.name, "error": _SKIPPED} for turn in due[len(done) :]]
    job.warnings += [said for one in results for said in one.pop("warnings", ())]
    words = [one["verdict"] for one in results if one.get("verdict")]
    failed = any(one.get("error") for one in results)
    code = 1 if failed else 0 if delivered.ok else 4
    job.warnings += publish(workspace) + beat(workspace, "/fail" if code else "")
    document = job.document(
        {
            "verdict": worst(words) if words else None,
            "monitors": results,
            "deliveries": vars(delivered),
            "exit_code": code,
        }
    )
    ended = {"run_id": job.id, "exit_code": document["exit_code"], **vars(delivered)}
    workspace.log("run finished", ended)
    return document


_SKIPPED = "the deadline of the run passed before its turn; the next run begins with it"


def flush(workspace: Workspace) -> DeliveryReport:
    """Sends what waits in the outbox."""
    sinks = sinks_of(workspace)
    if not sinks:
        return DeliveryReport()
    return deliver(
        workspace.store,
        sinks,
        now=workspace.now,
        owner=owner(),
        random=random.Random(),
        deadline_s=DELIVER_S,
    )


def sinks_of(workspace: Workspace) -> dict[str, Sink]:
    """The sinks of the settings; in a dry run one that keeps what it is given stands for all."""
    config = workspace.config
    if workspace.rehearsal is not None:
        return dict.fromkeys(config.sinks, workspace.rehearsal.sent)
    pictures = report_folder(config)
    return make_sinks(config.sinks, config.root, stream=workspace.stdout, pictures=pictures)


def _wanted(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """The monitors named, or all."""
    for name in names:
        workspace.monitor(name)
    return list(names) or list(workspace.config.monitors)


def _due(
    workspace: Workspace, wanted: Sequence[str], at: datetime, run_id: str, lease: Lease
) -> list[Turn]:
    """The turns to take: of those that waited longest first, of those that ended a run last."""
    before = {row.monitor: row for row in workspace.store.turns()}

    def order(turn: Turn) -> tuple[bool, float]:
        row = turn.before
        return (row.cut_off > 0, row.finished_at.timestamp()) if row else (False, 0.0)

    turns = [Turn(workspace, name, at, run_id, lease, before.get(name)) for name in wanted]
    return sorted(turns, key=order)


def _tell_cut_off(workspace: Workspace, due: Sequence[Turn]) -> None:
    """Where a run before was killed in a turn this one may be, too: so what that one found, and did
    not live to say, is said first."""
    cut_off = [turn for turn in due if turn.before is not None and turn.before.cut_off]
    for turn in cut_off:
        turn.tell_cut_off()
    if cut_off:
        notify(workspace)
        flush(workspace)


def _taken(workspace: Workspace, due: Sequence[Turn]) -> list[Turn]:
    """The turns that were taken before the deadline."""
    ends = monotonic() + duration(workspace.config.schedule.deadline).total_seconds()
    done: list[Turn] = []
    for turn in due:
        if monotonic() >= ends:
            break
        turn.take()
        workspace.log("monitor finished", {"run_id": turn.run_id, **turn.result})
        done.append(turn)
    return done
