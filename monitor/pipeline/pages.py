"""Pages as `[report]` wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.pipeline.workspace import Workspace


def rendered(workspace: Workspace, document: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """The run with the page made of it, named `report`."""
    return {**document, "report": str(write(workspace, document, out))}


def draw(workspace: Workspace, document: Mapping[str, Any], out: Path) -> None:
    """Draws a run to the PNG `out` for messages, without texts of rows.

    Where that fails there is no picture: what has to be said is said without it.
    """
    from monitor.report import render

    settings = workspace.config.report
    try:
        render(
            document, out, templates=_templates(workspace), examples="none", redact=settings.redact
        )
    except Exception as error:  # whatever a library may do wrong
        out.unlink(missing_ok=True)
        workspace.log("picture failed", {"picture": str(out), "error": str(error)})


def write(
    workspace: Workspace, document: Mapping[str, Any], out: Path, *, fragment: bool = False
) -> Path:
    """Renders a run to `out` with the templates and the care for texts that are configured."""
    from monitor.report import render

    settings = workspace.config.report
    return render(
        document,
        out,
        templates=_templates(workspace),
        examples=settings.examples,
        redact=settings.redact,
        fragment=fragment,
    )


def _templates(workspace: Workspace) -> Path | None:
    folder = workspace.config.report.templates
    return None if folder is None else workspace.config.path(folder)
