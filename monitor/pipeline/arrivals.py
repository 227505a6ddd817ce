"""What is new in the source of a monitor, ingested."""

from __future__ import annotations

import glob
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config import MonitorSettings
from monitor.errors import SchemaError, SourceError
from monitor.model import Columns
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.spreading import Arrived, spread
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources.faults import printable
from monitor.sources.remote import SCHEMES as REMOTE
from monitor.sources.remote import remote_stamps
from monitor.store import InputRow

if TYPE_CHECKING:
    from monitor.versions import Corpus


def ingested(workspace: Workspace, settings: MonitorSettings) -> Arrived:
    """Ingests what is new in the source of a monitor.

    The files of a pattern are sources of their own, so that only new ones are read and a file that
    is still being written does not hold up the others; nor does one with other columns or another
    dimension. Files that look as they did when they were read are not opened, objects of a store
    not fetched.
    """
    arrived = Arrived()
    columns, space = columns_of(settings), settings.space
    how: dict[str, Any] = {
        "every": settings.every,
        "sample": settings.sample,
        "segments": settings.segments,
        "corpus": corpus_of(workspace, settings.corpus),
    }
    stamps = stamps_of(workspace.source(settings.source), workspace.now())
    known, alone = workspace.store.inputs(space), len(stamps) == 1
    new = [file for file in stamps if not _is_known(known.get(printable(file)), stamps[file])]
    left = new
    if workspace.config.engine.kind == "dask" and len(new) > 1:
        left = spread(workspace, space, new, columns, how, arrived)
    for file in left:
        try:
            document = ingest(workspace, space, file, columns, **how)
            arrived.take(file, document["rows"], document["warnings"])
        except SourceError as error:
            if alone and not isinstance(error, SchemaError):
                raise
            arrived.pass_over(error)
            del stamps[file]
    fresh = {printable(file): stamps[file] for file in new if stamps.get(file)}
    workspace.store.note_stamps(space, fresh)
    if arrived.changed and not stamps:
        arrived.failure = arrived.changed[0]
    return arrived


def stamp_of(file: str) -> str:
    """Size, times and place on disk of a file and of a database's log beside it; "" of no file.

    A file rewritten to the same size in the tick of the clock in which it was read before has the
    same stamp: 4 ms on Linux's own file systems.
    """
    if not Path(file).is_file():
        return ""
    beside = (Path(file + end) for end in ("", "-wal", ".wal"))
    stats = [path.stat() for path in beside if path.exists()]
    return " ".join(f"{s.st_size} {s.st_mtime_ns} {s.st_ctime_ns} {s.st_ino}" for s in stats)


def _is_known(row: InputRow | None, stamp: str) -> bool:
    return row is not None and bool(stamp) and row.stamp == stamp


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


def stamps_of(pattern: str, now: datetime) -> dict[str, str]:
    """The files of a pattern in order, each with its stamp; the pattern itself where it is none,
    or where folders named `key=value` hold columns of the whole."""
    if pattern.partition("://")[0] in REMOTE:
        return remote_stamps(pattern, now)
    found = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
    whole = not found or any("=" in path or Path(path).is_dir() for path in found)
    return {file: stamp_of(file) for file in ([pattern] if whole else found)}
