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
from monitor.errors import SourceError
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.workspace import Workspace
from monitor.sources import Columns, open_source
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
    known, basis = store.space(space), store.basis(space)
    assert basis is not None
    blob = store.blobs.get(basis[1])
    job = Job(space, known.dim, dict(known.contract), basis[0], blob, columns, how)
    for index, raw in engine.run(new, partial(profiled, job), workspace.config.engine.scheduler):
        rows += _kept(workspace, job, raw)
        workspace.progress("reading files", index + 1, len(new))
    return rows


def profiled(job: Job, file: str) -> bytes:
    """A store that holds one file's profiles, packed; empty where the file cannot be read."""
    with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
        alone = Workspace(Config(root=Path(folder)))
        with alone.store as store:
            now = alone.now()
            store.ensure_space(job.space, job.contract, job.dim, now)
            store.add_basis(job.space, job.basis_id, store.blobs.put(job.basis), now)
            try:
                answer = ingest(alone, job.space, file, job.columns, **job.how)
            except SourceError:
                return b""
        Path(folder, _ANSWER).write_text(json.dumps(answer["inputs"]))
        return _packed(Path(folder))


def _is_new(workspace: Workspace, space: str, file: str, columns: Columns) -> bool:
    try:
        source = open_source(file, columns)
        return not workspace.store.ingested(space, source.digest(), str(source.name))
    except SourceError:
        return False


def _kept(workspace: Workspace, job: Job, raw: bytes) -> int:
    """Adds what a worker made to the store, as if it had been made here; its rows."""
    if not raw:
        return 0
    with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            archive.extractall(folder)
        (told,) = json.loads(Path(folder, _ANSWER).read_text())
        config = Config(root=Path(folder))
        url = f"sqlite:///{Path(folder).resolve() / 'embmon.db'}"
        with open_store(url, config.path(config.store.blobs)) as made:
            for digest, _ in made.blobs.files():
                workspace.store.blobs.put_file(made.blobs.path(digest))
            found = made.windows(job.space, job.basis_id)
            parts = [Part(one.window, **vars(ref)) for one in found for ref in one.parts]
    source = InputRow(str(told["source"]), told["digest"], told["rows"])
    workspace.store.add_parts(job.space, job.basis_id, source, parts, workspace.now())
    return source.rows


def _packed(folder: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(folder))
    return out.getvalue()
