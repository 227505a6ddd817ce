"""Hashes of content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Batch
from monitor.sources.faults import reading
from monitor.sources.nouns import File
from monitor.sources.texts import spelling


def digest_of_files(files: Sequence[File]) -> str:
    """The sha256 of one file's bytes; of several, the sha256 of theirs and their partitions.

    Names of files do not count, so a renamed file is the same content; `day=2026-11-20` does,
    because it is a value of every row below it.
    """
    found = [(_digest(file), file.partition) for file in files]
    if len(found) == 1 and not found[0][1]:
        return f"sha256:{found[0][0]}"
    lines = "".join(f"{digest} {partition!r}\n" for digest, partition in found)
    return f"sha256:{hashlib.sha256(lines.encode('utf-8', 'backslashreplace')).hexdigest()}"


def digest_of_batches(batches: Iterable[Batch]) -> str:
    """The sha256 of what is read, however it lay in memory."""
    found = hashlib.sha256()
    for batch in batches:
        found.update(repr(batch.vectors.shape).encode())
        found.update(batch.vectors.tobytes())
        found.update(batch.status.tobytes())
        if batch.at is not None:
            found.update(b"at" + batch.at.tobytes())
        named = {"": batch.ids, **{f"column {n}": v for n, v in batch.columns.items()}}
        for name, values in named.items():
            if values is not None:
                found.update(name.encode("utf-8", "backslashreplace") + b"\0")
                _update(found, values)
    return f"sha256:{found.hexdigest()}"


def _digest(file: File) -> str:
    with reading(file.name), open(file.path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _update(found: hashlib._Hash, values: pa.Array) -> None:
    """Add lengths, −1 for null, and spellings."""
    texts = spelling(values)
    sizes = pc.fill_null(pc.binary_length(texts), -1)
    found.update(sizes.cast(pa.int64()).to_numpy(zero_copy_only=False).tobytes())
    found.update(b"".join(v or b"" for v in texts.to_pylist()))
