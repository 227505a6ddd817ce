"""The run JSON of a report, from what is stored, and the page made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import UsageError
from monitor.model import Window, iso
from monitor.pipeline import references
from monitor.pipeline.judging import Judge, chosen, judge
from monitor.pipeline.maps import Method, traffic_map
from monitor.pipeline.workspace import Run, Workspace, plain
from monitor.profiles import Profile
from monitor.report import IndexEntry, render, render_index
from monitor.stats.sample import COLUMN, coordinates
from monitor.store import StoredWindow

EXAMPLES = 8


def report(
    workspace: Workspace, space: str, *, window: str | None = None, out: Path | None = None
) -> dict[str, Any]:
    """Renders the report of a space; see `Monitor.report`."""
    by = judge(workspace, space)
    stored = workspace.store.windows(space, by.basis.id)
    focus = chosen(stored, window)[-1] if window else _worst_recent(workspace, by, stored)
    document = report_document(by, focus)
    folder = workspace.config.path(workspace.config.report.dir) / space
    path = out or folder / page_name(focus.window)
    _write(workspace, document, path)
    if out is None:
        render_index(folder, _entries(by, folder))
    return {**_brief(document), "report": str(path)}


def render_file(workspace: Workspace, run_json: Path, out: Path) -> dict[str, Any]:
    """The page of a run's JSON; see `Monitor.render`."""
    try:
        document = json.loads(run_json.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{run_json} is no run in JSON: {error}") from error
    settings = workspace.config.report
    render(document, out, examples=settings.examples, redact=settings.redact)
    return {"schema": "embmon/render/1", "report": str(out)}


def report_document(
    by: Judge, focus: StoredWindow, map_method: Method | None = None
) -> dict[str, Any]:
    """All that the report on one window shows; `map_method` instead of the configured one."""
    workspace = by.workspace
    run = Run("check", workspace)
    verdict, document = by.judged(focus)
    normal = by.bundle.of(focus.window)
    profile = references.window_profile(workspace, focus)
    drawn = traffic_map(workspace, by.bundle.whole, profile, map_method)
    trend = _trend(workspace, by)
    mine = next((t for t in trend if t["start"] == iso(focus.window.start)), None)
    since = mine and mine["since"]
    lasting = sum(t["since"] == since and t["verdict"] == "drift" for t in trend)
    document["incident"] = {"since": since, "windows": lasting} if since else None
    columns = moved(normal, profile)
    if verdict.word in ("drift", "warn"):
        document["causes"] += column_causes(columns)
    _show_texts(document["clusters"], profile, normal)
    examples = _examples(by, normal, profile, document["clusters"])
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


def moved(normal: Profile, profile: Profile) -> list[dict[str, Any]]:
    """Which columns of the sampled rows are distributed differently."""
    from monitor.columns import moved_columns

    sides = [_columns(side.sample.kept) for side in (normal, profile)]
    shared = set(sides[0]) & set(sides[1])
    if not shared:
        return []
    picked = [{name: side[name] for name in sorted(shared)} for side in sides]
    return list(plain(moved_columns(picked[0], picked[1])))


def column_causes(columns: list[dict[str, Any]]) -> list[str]:
    """The columns that moved, in words, with the value that grew most; the largest growth first."""
    found = []
    for column in columns:
        now, before = column["current"], column["reference"]
        grown = max(now, key=lambda v: now[v] - before.get(v, 0.0), default=None)
        if not column["drifted"] or grown is None:
            continue
        was = before.get(grown, 0.0)
        share = f"{now[grown]:.0%} of rows, {was:.0%} before"
        found.append((was - now[grown], f"column {column['name']} moved: {grown} is {share}"))
    return [sentence for _, sentence in sorted(found)]


def _columns(table: pa.Table) -> dict[str, pa.Array]:
    """The user's columns of a sample, each row as often as it occurred."""
    counts = table["_count"].to_numpy()
    table = table.take(pa.array(np.repeat(np.arange(len(counts)), counts)))
    found = {
        name.removeprefix(COLUMN): table[name].combine_chunks()
        for name in table.column_names
        if name.startswith(COLUMN)
    }
    if table["_text"].null_count < table.num_rows:
        found["text"] = table["_text"].combine_chunks()
    return found


def _examples(
    by: Judge, normal: Profile, profile: Profile, clusters: list[dict[str, Any]]
) -> dict[str, Any]:
    """Rows that teach: most novel, and typical of what grew and of what shrank."""
    change = {c["id"]: c["current_share"] - c["reference_share"] for c in clusters}
    grown = max(change, key=lambda k: change[k], default=None)
    shrunk = min(change, key=lambda k: change[k], default=None)
    near = normal.sample.kept
    novel = profile.sample.farthest.sort_by([("_novelty", "descending")])
    return {
        "novel": _rows(novel.slice(0, EXAMPLES), near),
        "growing": _rows(_typical(profile.sample.kept, grown), near),
        "vanished": _rows(_typical(near, shrunk), profile.sample.kept),
    }


def _show_texts(clusters: list[dict[str, Any]], profile: Profile, normal: Profile) -> None:
    """Puts texts in the place of the ids of the clusters' examples, where there are texts."""
    texts: dict[str, str] = {}
    for side in (normal, profile):
        table = side.sample.kept
        texts |= dict(zip(table["_id"].to_pylist(), table["_text"].to_pylist(), strict=True))
    for cluster in clusters:
        shown = [texts.get(id) or id for id in cluster["examples"]]
        cluster["examples"] = list(dict.fromkeys(shown))


def _typical(table: pa.Table, cluster: int | None) -> pa.Table:
    """Rows of a cluster that lie closest to its centre, one for each text."""
    members = table.filter(pc.equal(table["_cluster"], -1 if cluster is None else cluster))
    members = members.sort_by([("_novelty", "ascending")])
    seen: dict[Any, int] = {}
    for i, key in enumerate(
        zip(members["_text"].to_pylist(), members["_content"].to_pylist(), strict=True)
    ):
        seen.setdefault(key[0] or key[1], i)
    return members.take(pa.array(list(seen.values())[:EXAMPLES], pa.int64()))


def _rows(table: pa.Table, other: pa.Table) -> list[dict[str, Any]]:
    """Rows in JSON, each with the nearest row of the other side beside it."""
    nearest: list[dict[str, Any] | None] = [None] * table.num_rows
    if table.num_rows and other.num_rows:
        a, b = coordinates(table), coordinates(other)
        distance = np.square(b).sum(axis=1) - 2 * a @ b.T
        best = other.take(pa.array(distance.argmin(axis=1)))
        nearest = [
            {"id": i, "text": t}
            for i, t in zip(best["_id"].to_pylist(), best["_text"].to_pylist(), strict=True)
        ]
    keys = ("_id", "_text", "_cluster", "_novelty")
    columns = [table[key].to_pylist() for key in keys]
    return [
        {**dict(zip(("id", "text", "cluster", "novelty"), values, strict=True)), "nearest": near}
        for *values, near in zip(*columns, nearest, strict=True)
    ]


def _trend(workspace: Workspace, by: Judge) -> list[dict[str, Any]]:
    history = [v for v in workspace.store.history(by.space) if v.monitor == by.monitor]
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


def _worst_recent(workspace: Workspace, by: Judge, stored: list[StoredWindow]) -> StoredWindow:
    """The window to show: the strongest of the open or last incident of the last four weeks of
    windows, else the latest."""
    judged = {row.window: row for row in workspace.store.history(by.space)}
    recent = [w for w in stored[-28:] if w.window in judged]
    drifted = [w for w in recent if judged[w.window].word == "drift"]
    if not drifted:
        return stored[-1]
    last = judged[drifted[-1].window].detail.get("incident_since")
    same = [w for w in drifted if judged[w.window].detail.get("incident_since") == last]
    return max(same, key=lambda w: np.nan_to_num(judged[w.window].score))


def _write(workspace: Workspace, document: dict[str, Any], path: Path) -> None:
    settings = workspace.config.report
    path.parent.mkdir(parents=True, exist_ok=True)
    workspace.progress("rendering", 0, None)
    render(document, path, examples=settings.examples, redact=settings.redact)
    path.with_suffix(".json").write_text(json.dumps(document, allow_nan=False), encoding="utf-8")


def _brief(document: dict[str, Any]) -> dict[str, Any]:
    keys = ("schema", "tool_version", "run_id", "started_at", "duration_s", "inputs", "seed")
    return {key: document[key] for key in (*keys, "warnings", "space", "verdict")}


def _entries(by: Judge, folder: Path) -> list[IndexEntry]:
    """What the index of a space lists: every page of a window that was judged."""
    history = by.workspace.store.history(by.space)
    judged = {page_name(row.window): row for row in history if row.monitor == by.monitor}
    return [
        IndexEntry(
            file=page.name,
            verdict=row.word,
            title=by.space,
            window=f"{row.window.start:%Y-%m-%d %H:%M} UTC",
            sentence="; ".join(row.detail.get("causes", [])[:2]),
            score=row.score,
            threshold=row.threshold,
            made_at=row.decided_at,
        )
        for page in sorted(folder.glob("*.html"), reverse=True)
        if (row := judged.get(page.name)) is not None
    ]


def page_name(window: Window) -> str:
    """File name of the report on a window."""
    return f"{window.start:%Y-%m-%dT%H%M}.html"
