"""`check`: judge windows, and keep verdicts, alerts and messages in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from monitor.model import Flip, Verdict
from monitor.pipeline import references
from monitor.pipeline.alertbook import AlertBook
from monitor.pipeline.judging import Judge, chosen, judge, worst
from monitor.pipeline.notices import notify
from monitor.pipeline.references import described
from monitor.pipeline.sights import of_window
from monitor.pipeline.workspace import Run, Workspace
from monitor.report.texts import texts_of
from monitor.store import Lease, RunRow, StoredWindow, VerdictRow

MOST_SEGMENTS = 32
"""Segments that a verdict keeps for the trend, the most unlikely; its run's document has all."""
MOST_TOLD = 200
"""Windows that an answer tells in full, the last ones; a year of hours would take gigabytes."""
_BRIEF = ("window", "verdict", "p_value", "score", "threshold", "effect", "causes", "incident")


def check(
    workspace: Workspace, space: str, *, window: str = "latest", false_alarms: str | None = None
) -> dict[str, Any]:
    """Judges windows of a space; see `Monitor.check`."""
    found = judge(workspace, space, false_alarms=false_alarms)
    document = checked(found, chosen(found, window))
    notify(workspace)
    return document


def checked(
    by: Judge, stored: Sequence[StoredWindow], lease: Lease | None = None
) -> dict[str, Any]:
    """Judges these windows, oldest first, keeps what was found, and returns its document.

    Nothing is kept where another has taken `lease` meanwhile.
    """
    workspace = by.workspace
    run = Run("check", workspace)
    documents, rows = [], []
    book = opened_book(workspace, by.monitor, by.space)
    for done, one in enumerate(stored):
        workspace.progress("judging windows", done, len(stored))
        verdict, document = by.judged(one)
        document["incident"] = book.note(
            one.window, of_window(verdict, document, _texts(by, one, verdict))
        )
        rows.append(_row(by, one, verdict, document))
        whole = len(stored) - done <= MOST_TOLD
        documents.append(document if whole else {key: document[key] for key in _BRIEF})
    reference = by.reference
    document = run.document(
        {
            "space": by.space,
            "monitor": by.monitor,
            "state": reference.state,
            "reference": described(
                reference.kind, reference.start, reference.end, dict(reference.detail)
            ),
            "verdict": worst([d["verdict"] for d in documents]),
            "windows": documents,
            "alerts": [_told(flip) for flip in book.flips],
        }
    )
    _keep(by, run, document, rows, book, lease)
    return document


def opened_book(workspace: Workspace, monitor: str, space: str) -> AlertBook:
    """The alert book of a monitor, open where the store has it."""
    rows, settings = workspace.store.alert_states(space), workspace.config.alerts
    return AlertBook(monitor, space, settings, rows, workspace.now())


def _keep(
    by: Judge,
    run: Run,
    document: dict[str, Any],
    rows: list[VerdictRow],
    book: AlertBook,
    lease: Lease | None,
) -> None:
    store = by.workspace.store
    blob = store.blobs.put(json.dumps(document, allow_nan=False).encode())
    finished = by.workspace.now()
    store.record_check(
        RunRow(run.id, "check", by.space, by.monitor, run.started_at, finished, blob),
        verdicts=rows,
        flips=book.flips,
        states=book.rows(),
        lease=lease,
    )


def _texts(by: Judge, stored: StoredWindow, verdict: Verdict) -> dict[str, str]:
    """Texts of sampled rows by id, as reports show them; none unless a sink asks for them."""
    config = by.workspace.config
    if verdict.word != "drift" or not any(sink.texts for sink in config.sinks.values()):
        return {}
    shown = texts_of(config.report.examples, config.report.redact)
    kept = references.window_profile(by.workspace, stored).sample.kept
    rows = zip(kept["_id"].to_pylist(), kept["_text"].to_pylist(), strict=True)
    return {id: text for id, value in rows if id is not None and (text := shown.row(value))}


def _told(flip: Flip) -> dict[str, Any]:
    return {"labels": dict(flip.labels), "state": flip.after, "summary": flip.summary}


def _row(by: Judge, stored: StoredWindow, verdict: Verdict, document: dict[str, Any]) -> VerdictRow:
    assert verdict.window is not None
    return VerdictRow(
        space=by.space,
        monitor=by.monitor,
        window=verdict.window,
        config_digest=by.config_digest,
        word=verdict.word,
        p_value=verdict.p_value,
        score=verdict.score,
        threshold=verdict.threshold,
        rows=stored.rows,
        content=stored.revision,
        detail={
            "alone": verdict.detail["alone"],
            "effect": document["effect"],
            "level": document["level"],
            "covered": document["coverage"].get("covered"),
            "causes": document["causes"],
            "segments": {
                one["segment"]: [float(f"{one['p_value']:.3g}"), one["drifted"]]
                for one in document["segments"][:MOST_SEGMENTS]
            },
            "incident_since": (document["incident"] or {}).get("since"),
        },
    )
