"""Pages as `[report]` wants them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from monitor.pipeline.workspace import Workspace


def rendered(workspace: Workspace, document: Mapping[str, Any], out: Path) -> dict[str, Any]:
    """The run with the page made of it, named `report`."""
    return {**document, "report": str(write(workspace, document, out))}


def write(
    workspace: Workspace, document: Mapping[str, Any], out: Path, *, fragment: bool = False
) -> Path:
    """Renders a run to `out` with the templates and the care for texts that are configured."""
    from monitor.report import render

    settings = workspace.config.report
    templates = None if settings.templates is None else workspace.config.path(settings.templates)
    return render(
        document,
        out,
        templates=templates,
        examples=settings.examples,
        redact=settings.redact,
        fragment=fragment,
    )
