"""The run JSON of a report, from what is stored, and the page made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np

from monitor.errors import UsageError
from monitor.model import iso
from monitor.pipeline import pages, references
from monitor.pipeline.companions import column_causes, moved, with_company
from monitor.pipeline.contents import (
    INDEX,
    PICTURE,
    files_of_page,
    page_before,
    page_name,
    write_contents,
)
from monitor.pipeline.documents import shown, with_texts
from monitor.pipeline.examples import taught
from monitor.pipeline.judging import Judge, chosen, judge
from monitor.pipeline.maps import Method, traffic_map
from monitor.pipeline.workspace import Run, Workspace
from monitor.report.texts import texts_of
from monitor.report.written import write_page
from monitor.store import StoredWindow

MOST_IN_TREND = 1000
"""Windows whose scores a page shows: six weeks of hours, nearly three years of days."""


def report(
    workspace: Workspace, space: str, *, window: str | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Renders the report of a space; see `Monitor.report`."""
    by = judge(workspace, space)
    focus = chosen(by, window, excluded=True)[-1] if window else _worst_recent(by)
    document = report_document(by, focus)
    if out is not None:
        if workspace.rehearsal is None:
            _write(workspace, document, out)
        return {**_brief(document), "report": str(out)}
    name = f"{space}/{page_name(focus.window)}"
    before = page_before(workspace.shelf.pages(space), page_name(focus.window))
    document |= {"report_before": before, "report_index": INDEX}
    if workspace.rehearsal is None:
        _shelve(workspace, document, name)
        write_contents(workspace, space, by.monitor)
    return {**_brief(document), "report": workspace.shelf.address(name)}


def render_file(
    workspace: Workspace, run_json: Path, out: Path, *, fragment: bool = False
) -> dict[str, Any]:
    """The page of a run's JSON; see `Monitor.render`."""
    pages.write(workspace, run_of(run_json), out, fragment=fragment)
    return {"schema": "embmon/render/1", "report": str(out)}


def run_of(path: Path) -> dict[str, Any]:
    """The run that a file of JSON holds. Raises UsageError."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is no run in JSON: {error}") from error
    if not isinstance(document, dict):
        raise UsageError(f"{path} is no run in JSON: it holds a {type(document).__name__}")
    return document


def report_document(
    by: Judge, focus: StoredWindow, map_method: Method | None = None
) -> dict[str, Any]:
    """All that the report on one window shows, judged as it was when its verdict was stored;
    `map_method` instead of the configured one."""
    by, workspace = by.as_told(focus), by.workspace
    run = Run("check", workspace)
    verdict, document = by.judged(focus)
    normal = by.bundle.of(focus.window)
    profile = references.window_profile(workspace, focus)
    drawn = traffic_map(workspace, by.bundle.whole, profile, map_method)
    trend = _trend(by, focus)
    mine = next((t for t in trend if t["start"] == iso(focus.window.start)), None)
    since = mine and mine["since"]
    lasting = sum(t["since"] == since and t["verdict"] == "drift" for t in trend)
    document["incident"] = {"since": since, "windows": lasting} if since else None
    usual, own = normal.sample.kept, profile.sample.kept
    columns = moved(usual, own)
    if verdict.word in ("drift", "warn"):
        document["causes"] = with_company(document["causes"], document["clusters"], usual, own)
        causes = [*document["causes"], *column_causes(columns)]
        # Segments and longer stretches are detail: what topics and columns say comes first.
        document["causes"] = sorted(causes, key=lambda cause: cause.startswith("over "))
    document["clusters"] = with_texts(document["clusters"], profile, normal)
    examples = taught(usual, own, profile.sample.farthest, document["clusters"])
    kind = by.reference
    return run.document(
        {
            "space": by.space,
            "monitor": by.monitor,
            "state": kind.state,
            "reference": references.described(kind.kind, kind.start, kind.end, dict(kind.detail)),
            "verdict": verdict.word,
            "windows": [document],
            "trend": trend,
            "map": drawn(),
            "columns": columns,
            "examples": examples,
            "alerts": _alerts(workspace, by),
            "marks": [{"at": iso(m.at), "text": m.text} for m in workspace.store.marks(by.space)],
            "provenance": _provenance(by),
        }
    )


def _trend(by: Judge, focus: StoredWindow) -> list[dict[str, Any]]:
    """The verdicts on the windows before the one shown, and on half as many after it."""
    window = focus.window
    end = window.end + MOST_IN_TREND // 2 * (window.end - window.start)
    history = by.workspace.store.history(by.space, MOST_IN_TREND, monitor=by.monitor, end=end)
    return [
        {
            "start": iso(row.window.start),
            "end": iso(row.window.end),
            "rows": row.rows,
            "score": row.score,
            "threshold": row.threshold,
            "p_value": row.p_value,
            "verdict": row.word,
            "incident": bool(row.detail.get("incident_since")),
            "since": row.detail.get("incident_since"),
            "level": row.detail.get("level"),
            "covered": row.detail.get("covered"),
            "judged_by": row.config_digest,
            **({"segments": row.detail["segments"]} if row.detail.get("segments") else {}),
        }
        for row in history
    ]


def _alerts(workspace: Workspace, by: Judge) -> list[dict[str, Any]]:
    sent = workspace.store.deliveries()
    return [
        {
            "fingerprint": row.fingerprint,
            "labels": dict(row.labels),
            "state": row.state,
            "since": iso(row.since),
            "summary": row.summary,
            "deliveries": [
                {
                    "sink": d.sink,
                    "state": d.state,
                    "at": iso(d.created_at),
                    "error": d.error or None,
                }
                for d in sent
                if d.payload.get("fingerprint") == row.fingerprint
            ],
        }
        for row in workspace.store.alert_states(by.space)
    ]


def _provenance(by: Judge) -> Mapping[str, Any]:
    names = ("numpy", "pyarrow", "pandas", "evidently", "umap-learn", "scikit-learn")
    return {
        "basis": by.basis.id,
        "reference": by.reference.calibration,
        "reference set at": iso(by.reference.set_at),
        "entity": by.basis.entity or "row content",
        **{name: installed(name) for name in names},
    }


def _worst_recent(by: Judge) -> StoredWindow:
    """The window to show: the strongest of the open or last incident of the last 28 windows, else
    the latest that was judged, or is stored where none was."""
    store = by.workspace.store
    stored = store.windows(by.space, by.basis.id, last=28)
    since = stored[0].window.start
    judged = {row.window: row for row in store.history(by.space, start=since)}
    told = [w for w in stored if w.window in judged]
    drifted = [w for w in told if judged[w.window].word == "drift"]
    if not drifted:
        return (told or stored)[-1]
    last = judged[drifted[-1].window].detail.get("incident_since")
    same = [w for w in drifted if judged[w.window].detail.get("incident_since") == last]
    return max(same, key=lambda w: np.nan_to_num(judged[w.window].score))


def _shelve(workspace: Workspace, document: dict[str, Any], name: str) -> None:
    """Puts the page `name`, its JSON and its picture where reports lie."""
    shelf = workspace.shelf
    path = shelf.folder / name
    _write(workspace, document, path)
    if workspace.config.sinks:
        pages.draw(workspace, document, path.with_suffix(PICTURE))
    shelf.publish(*files_of_page(name))


def _write(workspace: Workspace, document: dict[str, Any], path: Path) -> None:
    workspace.progress("rendering", 0, None)
    settings = workspace.config.report
    document = shown(document, texts_of(settings.examples, settings.redact))
    pages.write(workspace, document, path)
    write_page(path.with_suffix(".json"), json.dumps(document, allow_nan=False))


def _brief(document: dict[str, Any]) -> dict[str, Any]:
    keys = ("schema", "tool_version", "run_id", "started_at", "duration_s", "inputs", "seed")
    return {key: document[key] for key in (*keys, "warnings", "space", "verdict")}
