"""Traffic profiled by tasks of any scheduler, each into a file, and the files joined."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.model import Columns
from monitor.pipeline.arrivals import stamps_of
from monitor.pipeline.spreading import job_of, keep, made
from monitor.pipeline.workspace import Run, Workspace
from monitor.store import InputRow

LARGEST = 2 << 30
"""Bytes of what is kept of one file; more is not read into memory."""


def profile(
    workspace: Workspace,
    space: str,
    what: str,
    columns: Columns,
    *,
    shard: tuple[int, int],
    out: Path,
    how: dict[str, Any],
) -> dict[str, Any]:
    """Profiles some files of a source into `out`; see `Monitor.profile`."""
    run = Run("profile", workspace)
    number, shards = shard
    if not 1 <= number <= shards:
        raise UsageError(f"there is no shard {number} of {shards}", "shards count from 1")
    job = replace(job_of(workspace, space, columns, how), known={})
    mine = list(stamps_of(what, workspace.now()))[number - 1 :: shards]
    unfinished = out.with_name(f".{out.name}.part")
    with zipfile.ZipFile(unfinished, "w") as archive:
        for done, file in enumerate(mine):
            workspace.progress("reading files", done, len(mine))
            source, raw = made(job, file)
            run.inputs.append(_told(source))
            archive.writestr(f"{done:06}", raw)
    unfinished.replace(out)
    rows = sum(told["rows"] for told in run.inputs)
    return run.document({"space": space, "files": mine, "rows": rows, "profile": str(out)})


def merge(workspace: Workspace, space: str, paths: Sequence[Path]) -> dict[str, Any]:
    """Adds what `profile` wrote to the store; see `Monitor.merge`."""
    run = Run("merge", workspace)
    for done, path in enumerate(paths):
        workspace.progress("merging", done, len(paths))
        for raw in _profiles(path):
            held = keep(workspace, space, raw, str(path))
            run.inputs.append(_told(held.source))
            run.warnings += held.warnings
    rows = sum(told["rows"] for told in run.inputs)
    return run.document({"space": space, "files": len(run.inputs), "rows": rows})


def _told(source: InputRow) -> dict[str, Any]:
    return {"source": source.key, "rows": source.rows, "digest": source.digest}


def _profiles(path: Path) -> Iterator[bytes]:
    """What `profile` wrote of each file, in order."""
    try:
        with zipfile.ZipFile(path) as archive:
            for one in sorted(archive.infolist(), key=lambda info: info.filename):
                if one.file_size > LARGEST:
                    raise zipfile.BadZipFile(f"{one.filename} would take {one.file_size:,} bytes")
                yield archive.read(one)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise UsageError(
            f"{path} holds no profiles: {error}", "embmon profile SPACE SOURCE --shard I/N -o FILE"
        ) from error
