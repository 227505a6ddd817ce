"""`export`: what is stored, for other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.export.evidently import write_workspace
from monitor.export.projector import write_projector
from monitor.model import Columns
from monitor.pipeline.snapshots import items
from monitor.pipeline.standing import history
from monitor.pipeline.workspace import Run, Workspace


def export(workspace: Workspace, kind: str, what: str, out: Path) -> dict[str, Any]:
    """Writes a space's verdicts or a version's rows into a folder; see `Monitor.export`."""
    run = Run("export", workspace)
    if kind == "evidently":
        windows = history(workspace, what)["windows"]
        if not windows:
            raise UsageError(f"space {what!r} has no verdict yet", f"embmon check {what}")
        written = write_workspace(what, windows, out)
    elif kind == "projector":
        written = write_projector(items(workspace, what, Columns(), run), out)
    else:
        raise UsageError(f"nothing is exported as {kind!r}", "one of evidently, projector")
    return run.document({"kind": kind, "what": what, "out": str(out), "written": written})
