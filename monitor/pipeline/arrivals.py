"""What is new in the source of a monitor, ingested."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config import MonitorSettings
from monitor.errors import SourceError
from monitor.model import Columns
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.spreading import spread
from monitor.pipeline.workspace import Run, Workspace

if TYPE_CHECKING:
    from monitor.versions import Corpus


def ingested(workspace: Workspace, settings: MonitorSettings) -> tuple[int, list[str]]:
    """Rows of the files that are new or changed; what is wrong with those passed over.

    The files of a pattern are sources of their own, so that only new ones are read and a file that
    is still being written does not hold up the others.
    """
    rows, unread = 0, []
    columns, space = columns_of(settings), settings.space
    how: dict[str, Any] = {
        "every": settings.every,
        "sample": settings.sample,
        "segments": settings.segments,
        "corpus": corpus_of(workspace, settings.corpus),
    }
    found = files_of(str(workspace.config.path(settings.source)))
    if workspace.config.engine.kind == "dask" and len(found) > 1:
        rows = spread(workspace, space, found, columns, how)  # all but bad ones are known below
    for source in found:
        try:
            rows += ingest(workspace, space, source, columns, **how)["rows"]
        except SourceError as error:
            if len(found) == 1:
                raise
            unread.append(error.message)
    return rows, unread


def corpus_of(workspace: Workspace, what: str | None) -> Corpus | None:
    """The corpus that the rows of a monitor ask, if it names one."""
    if what is None:
        return None
    from monitor import versions
    from monitor.pipeline.snapshots import items

    path = workspace.config.path(what)
    where = str(path) if path.exists() else what
    return versions.corpus_of(items(workspace, where, Columns(), Run("ingest", workspace)))


def columns_of(settings: MonitorSettings) -> Columns:
    """Which columns a monitor reads."""
    return Columns(
        vector=settings.vector,
        id=settings.id,
        at=settings.at,
        entity=settings.entity,
        text=settings.text,
        timezone=settings.timezone,
        keep=settings.columns,
    )


def files_of(pattern: str) -> list[str]:
    """The files of a pattern, in order; the pattern itself where it is none, or where folders
    named `key=value` hold columns of the whole."""
    found = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
    whole = not found or any("=" in path or Path(path).is_dir() for path in found)
    return [pattern] if whole else found
