"""How things stand: status, history, the alert book, housekeeping."""

from __future__ import annotations

import getpass
from datetime import timedelta
from typing import Any

from monitor.alerts.deliver import DeliveryReport
from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.errors import DeliveryFailed, MonitorError, UsageError
from monitor.model import Delivery, iso
from monitor.pipeline.jobs import columns_of, flush
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources import open_source
from monitor.store import AlertRow, VerdictRow

SAFETY_AGE = timedelta(hours=1)


def status(workspace: Workspace) -> dict[str, Any]:
    """What fires now, what waits to be sent; see `Monitor.status`."""
    store = workspace.store
    return Run("status", workspace).document(
        {
            "monitors": [_judged(row) for row in store.latest_verdicts()],
            "firing": [_alert(row) for row in store.alert_states() if row.state == "firing"],
            "outbox": {
                "pending": store.pending_count(),
                "dead": [
                    {"id": d.id, "sink": d.sink, "error": d.error} for d in store.deliveries("dead")
                ],
            },
        }
    )


def history(workspace: Workspace, space: str) -> dict[str, Any]:
    """The verdicts of a space over time; see `Monitor.history`."""
    workspace.store.space(space)
    rows = workspace.store.history(space)
    return Run("history", workspace).document(
        {"space": space, "windows": [_judged(row) for row in rows]}
    )


def alerts_list(workspace: Workspace) -> dict[str, Any]:
    """Every alert and where it stands."""
    rows = workspace.store.alert_states()
    return Run("alerts", workspace).document({"alerts": [_alert(row) for row in rows]})


def alerts_show(workspace: Workspace, fingerprint: str) -> dict[str, Any]:
    """One alert, its flips and its messages; a unique beginning of the fingerprint is enough."""
    row = _found(workspace, fingerprint)
    store = workspace.store
    flips = [f for f in store.flips(row.labels["space"]) if dict(f.labels) == dict(row.labels)]
    return Run("alert", workspace).document(
        {
            **_alert(row),
            "labels": dict(row.labels),
            "flips": [
                {"at": f.at, "before": f.before, "after": f.after, "summary": f.summary}
                for f in flips
            ],
            "deliveries": [
                {"id": d.id, "sink": d.sink, "state": d.state, "attempts": d.attempts}
                for d in store.deliveries()
                if d.payload.get("fingerprint") == row.fingerprint
            ],
        }
    )


def alerts_ack(workspace: Workspace, fingerprint: str) -> dict[str, Any]:
    """Notes that someone looks after an alert."""
    known = _found(workspace, fingerprint)
    row = workspace.store.ack(known.fingerprint, getpass.getuser(), workspace.now())
    return Run("alert", workspace).document(_alert(row))


def alerts_test(workspace: Workspace, sink: str) -> dict[str, Any]:
    """Sends a message that says it is a test, by the very code that real alerts take."""
    settings = workspace.config.sinks.get(sink)
    if settings is None:
        known = ", ".join(workspace.config.sinks) or "none"
        raise UsageError(f"there is no sink {sink!r} in the configuration", f"known: {known}")
    run = Run("alerts-test", workspace)
    now = workspace.now()
    body = {
        "type": "embmon.test",
        "state": "test",
        "summary": "a test of this sink by embmon; nothing has drifted",
        "at": iso(now),
    }
    try:
        make_sink(sink, settings, workspace.config.root).send(
            Delivery(f"msg_test_{run.id}", sink, body, 0, now, now)
        )
    except DeliveryError as error:
        raise DeliveryFailed(f"sink {sink!r}: {error.message}", "mend it and test again") from error
    return run.document({"sink": sink, "sent": True})


def alerts_flush(workspace: Workspace) -> dict[str, Any]:
    """Delivers now what waits in the outbox."""
    found: DeliveryReport = flush(workspace)
    return Run("alerts-flush", workspace).document(
        {**vars(found), "exit_code": 0 if found.ok else 4}
    )


def gc(workspace: Workspace, dry_run: bool) -> dict[str, Any]:
    """Removes blobs nothing points at; see `Monitor.gc`."""
    found = workspace.store.gc(workspace.now(), SAFETY_AGE, dry_run)
    return Run("gc", workspace).document({**vars(found), "blobs": len(found.blobs)})


def doctor(workspace: Workspace) -> dict[str, Any]:
    """Tries every part the configuration names, and says what is wrong with it."""
    config = workspace.config
    checks = [_tried("store", lambda: workspace.store.spaces())]
    for name, monitor in config.monitors.items():
        source = str(config.path(monitor.source))
        found = _tried(
            f"source of {name}", lambda s=source, m=monitor: open_source(s, columns_of(m))
        )
        checks.append(found)
    for name, sink in config.sinks.items():
        checks.append(_tried(f"sink {name}", lambda n=name, s=sink: make_sink(n, s, config.root)))
    healthy = all(check["ok"] for check in checks)
    return Run("doctor", workspace).document({"checks": checks, "exit_code": 0 if healthy else 1})


def _tried(what: str, attempt: Any) -> dict[str, Any]:
    try:
        attempt()
    except (MonitorError, DeliveryError, OSError) as error:
        message = getattr(error, "message", str(error))
        return {"what": what, "ok": False, "problem": message, "hint": getattr(error, "hint", "")}
    return {"what": what, "ok": True, "problem": None, "hint": None}


def _judged(row: VerdictRow) -> dict[str, Any]:
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


def _alert(row: AlertRow) -> dict[str, Any]:
    return {
        "fingerprint": row.fingerprint,
        "monitor": row.labels.get("monitor"),
        "space": row.labels.get("space"),
        "state": row.state,
        "severity": row.severity,
        "since": row.since,
        "summary": row.summary,
        "acked_by": row.acked_by,
    }


def _found(workspace: Workspace, fingerprint: str) -> AlertRow:
    rows = workspace.store.alert_states()
    found = [row for row in rows if row.fingerprint.startswith(fingerprint)]
    if len(found) != 1 or not fingerprint:
        raise UsageError(
            f"{len(found)} alerts have a fingerprint that begins with {fingerprint!r}",
            "embmon alerts list shows them",
        )
    return found[0]
