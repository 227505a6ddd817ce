"""The alert book as people use it: look, acknowledge, silence, try a sink, deliver."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.alerts.deliver import DeliveryReport
from monitor.alerts.message import Notice, message_id, payload
from monitor.alerts.message import fingerprint as message_fingerprint
from monitor.alerts.sink import DeliveryError
from monitor.config import duration
from monitor.errors import DeliveryFailed, UsageError
from monitor.model import Delivery, Silence, iso
from monitor.pipeline.contents import PICTURE
from monitor.pipeline.groups import alert_document, group_labels
from monitor.pipeline.jobs import flush, sinks_of
from monitor.pipeline.notices import links, notify
from monitor.pipeline.standing import GIVEN_UP_SHOWN
from monitor.pipeline.workspace import Run, Workspace, user
from monitor.store import AlertRow

_EXAMPLE: Mapping[str, Any] = {
    "verdict": "drift",
    "p_value": 0.0001,
    "score": 4.0,
    "threshold": 3.0,
    "false_alarms": "1 per 1000 windows",
    "effect": {"tv_clusters": 0.09, "mean_sd": 0.12, "auc": 0.61, "residual_ratio": 1.0},
    "causes": ["an example: 12.0% of rows are in cluster “pizza”, where 3.0% were before"],
    "where": [
        {
            "label": "pizza",
            "before": 0.03,
            "now": 0.12,
            "rows": ["q1"],
            "texts": ["pizza margherita"],
        }
    ],
}
"""What a test of a sink shows, so that its receiver sees what an alert looks like."""
LABELS = ("alertname", "monitor", "space", "segment", "severity")


def alerts_list(workspace: Workspace) -> dict[str, Any]:
    """Every alert and where it stands."""
    store = workspace.store
    silences = [silence_document(one) for one in store.silences(workspace.now())]
    alerts = [alert_document(row) for row in store.alert_states() if row.state != "ok"]
    return Run("alerts", workspace).document({"alerts": alerts, "silences": silences})


def alerts_show(workspace: Workspace, fingerprint: str) -> dict[str, Any]:
    """One alert, its flips and its messages; a unique beginning of the fingerprint is enough."""
    row = _found(workspace, fingerprint)
    store = workspace.store
    flips = [f for f in store.flips(row.labels["space"]) if dict(f.labels) == dict(row.labels)]
    return Run("alert", workspace).document(
        {
            **alert_document(row),
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
    """Notes that someone looks after an alert, or after all that one message tells of."""
    told = _told_in(workspace, fingerprint) or [_found(workspace, fingerprint)]
    by, now = user(), workspace.now()
    rows = [workspace.store.ack(row.fingerprint, by, now) for row in told]
    segments = [row.labels["segment"] for row in rows if "segment" in row.labels]
    return Run("alert", workspace).document({**alert_document(rows[0]), "segments": segments})


def _told_in(workspace: Workspace, fingerprint: str) -> list[AlertRow]:
    """The firing alerts of the one message whose fingerprint begins so, the whole first."""
    found: defaultdict[str, list[AlertRow]] = defaultdict(list)
    for row in workspace.store.alert_states():
        message = message_fingerprint(group_labels(row))
        if row.state == "firing" and fingerprint and message.startswith(fingerprint):
            found[message].append(row)
    (rows,) = found.values() if len(found) == 1 else ([],)
    return sorted(rows, key=lambda row: row.labels.get("segment", ""))


def alerts_silence(
    workspace: Workspace,
    matchers: Mapping[str, str],
    *,
    start: datetime | None,
    length: str,
    author: str | None,
    comment: str,
) -> dict[str, Any]:
    """Mutes the alerts that match from `start`, by default now, for `length`."""
    unknown = sorted(set(matchers) - set(LABELS))
    if unknown or not matchers:
        wrong = f"{unknown[0]!r} is not a label of alerts" if unknown else "a silence needs a label"
        raise UsageError(wrong, f"labels: {', '.join(LABELS)}")
    begins = start or workspace.now()
    silence = Silence(
        uuid.uuid4().hex[:8],
        dict(matchers),
        begins,
        begins + duration(length),
        author or user(),
        comment,
    )
    workspace.store.add_silence(silence)
    return Run("silence", workspace).document(silence_document(silence))


def alerts_unsilence(workspace: Workspace, silence: str) -> dict[str, Any]:
    """Ends a silence now."""
    ended = workspace.store.end_silence(silence, workspace.now())
    return Run("silence", workspace).document(silence_document(ended))


def silence_document(silence: Silence) -> dict[str, Any]:
    """A silence in JSON."""
    return {
        "id": silence.id,
        "matchers": dict(silence.matchers),
        "start": iso(silence.start),
        "end": iso(silence.end),
        "author": silence.author,
        "comment": silence.comment,
    }


def alerts_test(workspace: Workspace, sink: str) -> dict[str, Any]:
    """Sends a message that says it is a test, by the very code that real alerts take."""
    settings = workspace.config.sinks.get(sink)
    if settings is None:
        known = ", ".join(workspace.config.sinks) or "none"
        raise UsageError(f"there is no sink {sink!r} in the configuration", f"known: {known}")
    run = Run("alerts-test", workspace)
    for state in ("firing", "resolved"):
        _send_test(workspace, sink, run.id, state)
    return run.document({"sink": sink, "sent": workspace.rehearsal is None})


def _send_test(workspace: Workspace, sink: str, run_id: str, state: Any) -> None:
    now, config = workspace.now(), workspace.config
    labels = {"alertname": "embmon_test", "monitor": "test", "space": "test", "severity": "info"}
    over = "; this is its end" if state == "resolved" else ""
    notice = Notice(
        state,
        labels,
        f"a test of this sink by embmon{over}; nothing has drifted",
        now,
        body=_EXAMPLE,
        segments=[{"segment": "country=it", "since": iso(now), "summary": "an example"}],
        ends_at=now + duration(config.schedule.every),
        **links(config, _newest_page(workspace), ""),
    )
    told = payload(notice, texts=config.sinks[sink].texts)
    delivery = Delivery(message_id(notice, sink, [run_id]), sink, told, 0, now, now)
    try:
        sinks_of(workspace)[sink].send(delivery)
    except DeliveryError as error:
        raise DeliveryFailed(f"sink {sink!r}: {error.message}", "mend it and test again") from error


def _newest_page(workspace: Workspace) -> str | None:
    """The report that was made last, so that a test shows whether its link and picture arrive."""
    root = workspace.shelf.folder
    made = sorted(root.glob(f"*/*{PICTURE}"), key=lambda path: path.stat().st_mtime)
    return made[-1].with_suffix(".html").relative_to(root).as_posix() if made else None


def mark(workspace: Workspace, space: str, text: str, *, at: datetime | None) -> dict[str, Any]:
    """Puts a mark on the trend; the very same twice is one."""
    now = workspace.now()
    when = at or now
    new = workspace.store.add_mark(space, text, when, now)
    told = {"space": space, "text": text, "at": iso(when), "new": new}
    return Run("mark", workspace).document(told)


def alerts_flush(workspace: Workspace, *, again: bool = False) -> dict[str, Any]:
    """Delivers now what waits in the outbox, and with `again` what was given up lately."""
    notify(workspace)
    if again:
        now = workspace.now()
        workspace.store.revive(now - GIVEN_UP_SHOWN, now)
    found: DeliveryReport = flush(workspace)
    return Run("alerts-flush", workspace).document(
        {**vars(found), "exit_code": 0 if found.ok else 4}
    )


def _found(workspace: Workspace, fingerprint: str) -> AlertRow:
    rows = workspace.store.alert_states()
    found = [row for row in rows if row.fingerprint.startswith(fingerprint)]
    if len(found) != 1 or not fingerprint:
        raise UsageError(
            f"{len(found)} alerts have a fingerprint that begins with {fingerprint!r}",
            "embmon alerts list shows them",
        )
    return found[0]
