"""`export`: what is stored, and what was answered, for other tools."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.export.atlas import write_atlas
from monitor.export.evidently import write_workspace
from monitor.export.mlflow import log_run
from monitor.export.projector import write_projector
from monitor.model import Columns
from monitor.pipeline import pages
from monitor.pipeline.reporting import run_of
from monitor.pipeline.snapshots import items
from monitor.pipeline.standing import history
from monitor.pipeline.workspace import Run, Workspace

KINDS = ("atlas", "evidently", "mlflow", "projector")


def export(
    workspace: Workspace, kind: str, what: str, out: str | Path, *, model: str | None = None
) -> dict[str, Any]:
    """Writes verdicts, rows, a map or an answer for another tool; see `Monitor.export`."""
    run = Run("export", workspace)
    if kind not in KINDS:
        raise UsageError(f"nothing is exported as {kind!r}", f"one of {', '.join(KINDS)}")
    if model is not None and kind != "mlflow":
        raise UsageError("only mlflow takes a version of a model", "leave --model out")
    if kind == "evidently":
        windows = history(workspace, what)["windows"]
        if not windows:
            raise UsageError(f"space {what!r} has no verdict yet", f"embmon check {what}")
        written: int | str = write_workspace(what, windows, Path(out))
    elif kind == "projector":
        written = write_projector(items(workspace, what, Columns(), run), Path(out))
    elif kind == "atlas":
        written = write_atlas(run_of(Path(what)), Path(out))
    else:
        written = _logged(workspace, Path(what), str(out), model)
    return run.document({"kind": kind, "what": what, "out": str(out), "written": written})


def _logged(workspace: Workspace, run_json: Path, uri: str, model: str | None) -> str:
    name, slash, version = (model or "").rpartition("/")
    if model is not None and not (name and slash and version):
        raise UsageError(f"{model!r} is no version of a model", "write NAME/VERSION: items/3")
    answer = run_of(run_json)
    if not answer.get("started_at") or "verdict" not in (answer.get("windows") or [answer])[-1]:
        raise UsageError(f"{run_json} holds no verdict", "take what compare, drift … --json print")
    with tempfile.TemporaryDirectory() as folder:
        page = pages.write(workspace, answer, Path(folder) / "report.html")
        return log_run(answer, page, uri, (name, version) if model else None)
