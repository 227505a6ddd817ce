"""Many files of traffic profiled at once by workers, which know neither store nor secrets."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from monitor import engine
from monitor.config import Config
from monitor.errors import SourceError, UsageError
from monitor.model import Columns
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.workspace import Workspace
from monitor.sources import open_source
from monitor.store import InputRow, Part, open_store

_ANSWER = "answer.json"


@dataclass(frozen=True)
class Job:
    """What a worker needs: the space as it is, its basis as bytes, and how to read a file."""

    space: str
    dim: int
    contract: dict[str, Any]
    basis_id: str
    basis: bytes
    columns: Columns
    how: dict[str, Any]


def spread(
    workspace: Workspace, space: str, files: Sequence[str], columns: Columns, how: dict[str, Any]
) -> int:
    """Ingests those of `files` that are new, as `ingest(..., **how)` would, and returns their rows.

    The first one is read here where the space has no basis yet, as it would be without workers. A
    file that cannot be read is passed over; whoever asks for it next gets its error.
    """
    store, rows = workspace.store, 0
    if all(row.name != space for row in store.spaces()) or store.basis(space) is None:
        rows += ingest(workspace, space, files[0], columns, **how)["rows"]
    new = [file for file in files if _is_new(workspace, space, file, columns)]
    job = job_of(workspace, space, columns, how)
    for index, raw in engine.run(new, partial(profiled, job), workspace.config.engine.scheduler):
        rows += keep(workspace, space, raw, new[index]).rows if raw else 0
        workspace.progress("reading files", index + 1, len(new))
    return rows


def job_of(workspace: Workspace, space: str, columns: Columns, how: dict[str, Any]) -> Job:
    """What a worker needs to profile files for `space`; UsageError where it has no basis yet."""
    store = workspace.store
    known, basis = store.space(space), store.basis(space)
    if basis is None:
        raise UsageError(
            f"space {space!r} has no basis yet to profile in",
            "ingest a first file of it, or set a version as its reference",
        )
    blob = store.blobs.get(basis[1])
    return Job(space, known.dim, dict(known.contract), basis[0], blob, columns, how)


def profiled(job: Job, file: str) -> bytes:
    """What a worker makes of a file; empty where the file cannot be read."""
    try:
        return made(job, file)[1]
    except SourceError:
        return b""


def made(job: Job, file: str) -> tuple[dict[str, Any], bytes]:
    """What was read of a file, and a store that holds its profiles, packed."""
    with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
        alone = Workspace(Config(root=Path(folder)))
        with alone.store as store:
            now = alone.now()
            store.ensure_space(job.space, job.contract, job.dim, now)
            store.add_basis(job.space, job.basis_id, store.blobs.put(job.basis), now)
            (told,) = ingest(alone, job.space, file, job.columns, **job.how)["inputs"]
        Path(folder, _ANSWER).write_text(json.dumps(told))
        return told, _packed(Path(folder))


def _is_new(workspace: Workspace, space: str, file: str, columns: Columns) -> bool:
    try:
        source = open_source(file, columns)
        return not workspace.store.ingested(space, source.digest(), str(source.name))
    except SourceError:
        return False


def keep(workspace: Workspace, space: str, raw: bytes, name: str) -> InputRow:
    """Adds what a worker `made` to the store, as if it had been made here; says what was read.

    Raises UsageError, naming `name`, where it was made for another space or in another basis.
    """
    basis = workspace.store.basis(space)
    with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            archive.extractall(folder)
        told = json.loads(Path(folder, _ANSWER).read_text())
        config = Config(root=Path(folder))
        url = f"sqlite:///{Path(folder).resolve() / 'embmon.db'}"
        with open_store(url, config.path(config.store.blobs)) as alone:
            if basis is None or [s.name for s in alone.spaces()] != [space]:
                raise UsageError(f"{name} was not made for space {space!r}", "name its own space")
            if (alone.basis(space) or [""])[0] != basis[0]:
                raise UsageError(
                    f"{name} was made in another basis than space {space!r} has now",
                    "profile its files again",
                )
            for digest, _ in alone.blobs.files():
                workspace.store.blobs.put_file(alone.blobs.path(digest))
            found = alone.windows(space, basis[0])
            parts = [Part(one.window, **vars(ref)) for one in found for ref in one.parts]
    source = InputRow(str(told["source"]), told["digest"], told["rows"])
    workspace.store.add_parts(space, basis[0], source, parts, workspace.now())
    return source


def _packed(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()
