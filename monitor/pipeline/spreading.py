"""Many files of traffic profiled at once by workers, which know neither store nor secrets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

import numpy as np

from monitor import engine
from monitor.config import duration
from monitor.contract import agreed, stated
from monitor.errors import FrameError, MonitorError, SchemaError, SourceError, UsageError
from monitor.model import Columns, Window
from monitor.packed import packed, unpacked
from monitor.pipeline.ingestion import (
    ingest,
    known_basis,
    read_columns,
    refuse_dim,
    refuse_length,
)
from monitor.pipeline.windowing import Held, Reader, Splitting
from monitor.pipeline.workspace import Workspace
from monitor.sources import open_source
from monitor.sources.faults import printable
from monitor.store import InputRow, Part

_KIND = "shard/1"


@dataclass(frozen=True)
class Job:
    """What a worker needs: how to read traffic of a space, the dimension of its vectors, and
    which files are known already."""

    reader: Reader
    dim: int
    known: Mapping[str, InputRow]


@dataclass
class Arrived:
    """rows: of the files that are new or changed; warnings: what is odd about these; unread: what
    is wrong with those passed over; changed: that of those which are whole, and are not what was
    asked for; failure: of one of these, where the source names no file that is."""

    rows: int = 0
    warnings: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    changed: list[SchemaError] = field(default_factory=list)
    failure: SchemaError | None = None

    def take(self, file: str, rows: int, warnings: Iterable[str]) -> None:
        """Counts what was read of a file."""
        self.rows += rows
        self.warnings += [f"{printable(file)}: {said}" for said in warnings]

    def pass_over(self, error: SourceError) -> None:
        """Notes why a file was not taken."""
        self.unread.append(error.message)
        if isinstance(error, SchemaError):
            self.changed.append(error)


def spread(
    workspace: Workspace,
    space: str,
    files: Sequence[str],
    columns: Columns,
    how: dict[str, Any],
    arrived: Arrived,
) -> list[str]:
    """Ingests `files` as `ingest(..., **how)` would, and adds what `arrived`; those that are left.

    Where the space has no basis yet, the first that can be read is read here, as it would be
    without workers. Those are left that are known already, and those that cannot be read: whoever
    asks for one of them gets its error.
    """
    left: list[str] = []
    while files and _without_basis(workspace, space):
        file, *files = files
        try:
            document = ingest(workspace, space, file, columns, **how)
            arrived.take(file, document["rows"], document["warnings"])
        except SourceError:
            left.append(file)
    if not files:
        return left
    job = job_of(workspace, space, columns, how)
    left += files
    for index, raw in engine.run(files, partial(profiled, job), workspace.config.engine.scheduler):
        if raw:
            held = keep(workspace, space, raw, files[index])
            arrived.take(files[index], held.source.rows, held.warnings)
            left.remove(files[index])
        workspace.progress("reading files", index + 1, len(files))
    return left


def _without_basis(workspace: Workspace, space: str) -> bool:
    store = workspace.store
    return all(row.name != space for row in store.spaces()) or store.basis(space) is None


def job_of(workspace: Workspace, space: str, columns: Columns, how: dict[str, Any]) -> Job:
    """What a worker needs to profile files for `space`; UsageError where it has no basis yet."""
    store, splitting = workspace.store, Splitting(**how)
    known = store.space(space)
    if store.basis(space) is None:
        raise UsageError(
            f"space {space!r} has no basis yet to profile in",
            "ingest a first file of it, or set a version as its reference",
        )
    refuse_length(workspace, space, duration(splitting.every))
    read = read_columns(columns, splitting)
    reader = Reader(space, known_basis(workspace, space, read), known.contract, read, splitting)
    return Job(reader, known.dim, store.inputs(space))


def profiled(job: Job, file: str) -> bytes:
    """What a worker makes of a file; empty where it is known or cannot be read."""
    try:
        return made(job, file)[1]
    except MonitorError:
        return b""


def made(job: Job, file: str) -> tuple[InputRow, bytes]:
    """What was read of a file, and its profiles, packed; no bytes where it is known."""
    reader, blobs = job.reader, dict[str, bytes]()

    def put(content: bytes) -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        blobs[digest] = content
        return digest

    source = open_source(file, reader.columns)
    name, digest = str(source.name), source.digest()
    refuse_dim(name, source.dim, reader.space, job.dim)
    known = job.known.get(name)
    if known is not None and known.digest == digest:
        return known, b""
    reader = replace(reader, contract=agreed(reader.contract, stated(file), name))
    held = reader.read(source, digest, put, lambda *_: None)
    return held.source, _packed(reader, held, blobs)


def _packed(reader: Reader, held: Held, blobs: Mapping[str, bytes]) -> bytes:
    parts = [
        {**vars(one), "window": [one.window.start.isoformat(), one.window.end.isoformat()]}
        for one in held.parts
    ]
    told = {"kind": _KIND, "space": reader.space, "basis": reader.basis.id, "parts": parts}
    told["warnings"] = list(held.warnings)
    arrays = {digest: np.frombuffer(content, np.uint8) for digest, content in blobs.items()}
    return packed(arrays, {**told, "source": vars(held.source)})


def keep(workspace: Workspace, space: str, raw: bytes, name: str) -> Held:
    """Adds what a worker `made` to the store, as if it had been made here, and says what it was.

    Raises UsageError, naming `name`, where it was made for another space or in another basis, or
    of windows of another length.
    """
    store = workspace.store
    basis = store.basis(space)
    blobs, told = unpacked(raw)
    if told.get("kind") != _KIND:
        raise FrameError(f"{name} holds no profiles of this release", "profile its files again")
    if told["space"] != space:
        raise UsageError(f"{name} was not made for space {space!r}", "name its own space")
    if basis is None or told["basis"] != basis[0]:
        raise UsageError(
            f"{name} was made in another basis than space {space!r} has now",
            "profile its files again",
        )
    source, parts = InputRow(**told["source"]), [_part(one) for one in told["parts"]]
    refuse_length(workspace, space, parts[0].window.end - parts[0].window.start)
    for content in blobs.values():
        store.blobs.put(content.tobytes())
    store.add_parts(space, basis[0], source, parts, workspace.now())
    return Held(source, parts, told["warnings"])


def _part(told: Mapping[str, Any]) -> Part:
    start, end = (datetime.fromisoformat(moment) for moment in told["window"])
    return Part(**{**told, "window": Window(start, end)})
