"""word2vec's binary format: a line of two counts, then each word and its float32 numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.faults import reading
from monitor.sources.kinds import unpacked
from monitor.sources.limits import MAX_TEXT, checked_dim
from monitor.sources.nouns import File, Table
from monitor.sources.word_marks import counts
from monitor.sources.word_text import VECTOR, WORD, word_batch

_BLOCK = 1 << 20


def word_binary_table(file: File, columns: Columns) -> Table:
    """The table of word2vec's binary format: columns `embedding`, and the word as `id`."""
    with reading(file.name), unpacked(file.path) as stream:
        stated = counts(stream.readline(100))
        if stated is None:
            raise ValueError("its first line does not state the words and the dimension")
    rows, dim = stated[0], checked_dim(stated[1], file.name)
    schema = pa.schema([(VECTOR, pa.list_(pa.float32(), dim)), (WORD, pa.binary())])

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        with reading(file.name), unpacked(file.path) as stream:
            stream.readline(100)
            found = _rows(file, stream, rows, dim)
            for start in range(0, rows, n):
                piece = [next(found) for _ in range(min(n, rows - start))]
                vectors = np.frombuffer(b"".join(v for _, v in piece), "<f4").reshape(-1, dim)
                yield word_batch([w for w, _ in piece], vectors, names)

    return Table(file.name, schema, rows, read)


def _rows(file: File, stream: BinaryIO, rows: int, dim: int) -> Iterator[tuple[bytes, bytes]]:
    held, at, size = b"", 0, 4 * dim
    for row in range(rows):
        end = held.find(b" ", at)
        while end < 0 or len(held) < end + 1 + size:
            more = stream.read(_BLOCK)
            if not more:
                raise SourceError(
                    f"{file.name} is cut short: it states {rows:,} words and has {row:,}",
                    "write it again; its writer may still be at it",
                )
            held, at = held[at:] + more, 0
            end = held.find(b" ")
            if end < 0 and len(held) > MAX_TEXT + _BLOCK:
                raise ValueError(f"word {row + 1} does not end")
        # Some writers put a line break behind each vector.
        yield held[at:end].lstrip(b"\n"), held[end + 1 : end + 1 + size]
        at = end + 1 + size
