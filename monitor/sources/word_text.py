"""Word vectors as text: a token and its numbers a line, as word2vec, fastText and GloVe write."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import pyarrow as pa

from monitor.batch import Float32
from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.faults import printable, reading
from monitor.sources.kinds import unpacked
from monitor.sources.limits import BLOCK, checked_dim
from monitor.sources.nouns import File, Table
from monitor.sources.word_marks import counts

VECTOR, WORD = "embedding", "id"
_PEEK = 100


def word_text_table(file: File, columns: Columns) -> Table:
    """The table of word vectors in text: columns `embedding`, and the word as `id`.

    Where the first line is two counts, as word2vec and fastText write it, they are checked;
    GloVe has none. A token may hold spaces: the numbers are counted from the end.
    """
    with reading(file.name):
        stated, dim = _shape(file)
    schema = pa.schema([(VECTOR, pa.list_(pa.float32(), dim)), (WORD, pa.binary())])

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        with reading(file.name):
            for words, vectors in _pieces(file, stated, dim, n):
                yield word_batch(words, vectors, names)

    return Table(file.name, schema, stated, read)


def word_batch(words: list[bytes], vectors: Float32, names: Sequence[str]) -> pa.RecordBatch:
    """Words and their vectors (n, d) as the columns of these names."""
    lists = pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), vectors.shape[1])
    found = {VECTOR: lists, WORD: pa.array(words, pa.binary())}
    return pa.record_batch([found[name] for name in names], names=list(names))


def numbers(parts: bytes) -> Float32 | None:
    """The numbers of a text, None where it holds anything else.

    >>> numbers(b"0.5 -1e3"), numbers(b"0.5 x")
    (array([ 5.e-01, -1.e+03], dtype=float32), None)
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return np.fromstring(parts.decode("ascii"), np.float32, sep=" ")
    except (ValueError, DeprecationWarning):
        return None


def _shape(file: File) -> tuple[int | None, int]:
    """Rows where they are stated, and the dimension."""
    with unpacked(file.path) as stream:
        lines = [stream.readline(BLOCK) for _ in range(_PEEK)]
    stated = counts(lines[0])
    if stated:
        return stated[0], checked_dim(stated[1], file.name)
    # Tokens with spaces are rare, so most lines tell.
    usual = Counter(len(line.split()) - 1 for line in lines if line.strip()).most_common(1)
    return None, checked_dim(usual[0][0] if usual else 0, file.name)


def _pieces(
    file: File, stated: int | None, dim: int, n: int
) -> Iterator[tuple[list[bytes], Float32]]:
    row = 0
    with unpacked(file.path) as stream:
        if stated is not None:
            stream.readline(BLOCK)
        while lines := [line.rstrip(b" \r\n") for line in islice(_lines(file, stream), n)]:
            words, vectors = _parsed(file, lines, dim, row + (stated is not None))
            yield words, vectors
            row += len(lines)
    if stated is not None and row != stated:
        raise SourceError(
            f"{file.name} states {stated:,} words and has {row:,}",
            "it may be cut short; write it again",
        )


def _lines(file: File, stream: Iterator[bytes] | object) -> Iterator[bytes]:
    while line := stream.readline(BLOCK):  # type: ignore[union-attr]
        if len(line) == BLOCK:
            raise SourceError(f"{file.name} has a line longer than {BLOCK:,} bytes", "check it")
        if line.strip():
            yield line


def _parsed(file: File, lines: list[bytes], dim: int, before: int) -> tuple[list[bytes], Float32]:
    parts = [line.rsplit(b" ", dim) for line in lines]
    found = None
    if all(len(part) == dim + 1 for part in parts):
        found = numbers(
            b" ".join(line[len(p[0]) + 1 :] for line, p in zip(lines, parts, strict=True))
        )
    if found is None or len(found) != dim * len(lines):
        raise _wrong(file, lines, dim, before)
    return [part[0] for part in parts], found.reshape(len(lines), dim)


def _wrong(file: File, lines: list[bytes], dim: int, before: int) -> SourceError:
    """The error that names the first line that is no token with `dim` numbers."""
    for at, line in enumerate(lines, before + 1):
        parts = line.rsplit(b" ", dim)
        found = numbers(b" ".join(parts[1:]))
        if len(parts) != dim + 1 or found is None or len(found) != dim:
            shown = printable(line[:40].decode("utf-8", "replace"))
            return SourceError(
                f"{file.name}: line {at} is not a word and {dim} numbers: {shown}",
                "it may be cut short or damaged; write it again",
            )
    return SourceError(f"{file.name} holds numbers that cannot be read", "write it again")
