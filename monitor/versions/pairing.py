"""Which rows of two versions are the same item: an outer join by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Float32, Int64, Items

BLOCK_VALUES = 2**22
"""Values of a block of rows: 16 MB of float32."""

GREATEST = 1e15
"""Greater values are no embedding: they count as infinite, so that squares stay in float32."""


@dataclass(frozen=True, eq=False)
class Pairing:
    """An outer join by id, in the row order of the first side.

    rows_a, rows_b: (n,) rows of the ids in both; only_a, only_b: rows whose id the other side
    lacks; duplicates_a, duplicates_b: rows left out because their id came before;
    nameless_a, nameless_b: rows left out because their id is null.
    """

    rows_a: Int64
    rows_b: Int64
    only_a: Int64
    only_b: Int64
    duplicates_a: int
    duplicates_b: int
    nameless_a: int
    nameless_b: int

    def __len__(self) -> int:
        return len(self.rows_a)


def pairing(a: pa.Array, b: pa.Array) -> Pairing:
    """How the ids `a` and `b` pair. Empty sides pair to nothing.

    >>> p = pairing(pa.array(["x", "y", "y", "z"]), pa.array(["z", "x", None, "w"]))
    >>> p.rows_a.tolist(), p.rows_b.tolist(), p.only_a.tolist(), p.only_b.tolist()
    ([0, 3], [1, 0], [1], [3])
    >>> p.duplicates_a, p.nameless_b
    (1, 1)
    """
    a, b = a.cast(pa.large_string()), b.cast(pa.large_string())
    first_a, first_b = _first_rows(a), _first_rows(b)
    at = pc.index_in(a.take(pa.array(first_a)), value_set=b.take(pa.array(first_b)))
    found = np.asarray(at.fill_null(-1), np.int64)
    rows_b = first_b[found[found >= 0]]
    alone = np.ones(len(b), bool)
    alone[rows_b] = False
    return Pairing(
        rows_a=first_a[found >= 0],
        rows_b=rows_b,
        only_a=first_a[found < 0],
        only_b=first_b[alone[first_b]],
        duplicates_a=len(a) - a.null_count - len(first_a),
        duplicates_b=len(b) - b.null_count - len(first_b),
        nameless_a=a.null_count,
        nameless_b=b.null_count,
    )


@dataclass(frozen=True, eq=False)
class Pairs:
    """Two versions and how they pair. A pair is a position 0 … n−1 in `pairing`."""

    a: Items
    b: Items
    pairing: Pairing

    def __len__(self) -> int:
        return len(self.pairing)

    @property
    def ids(self) -> pa.Array:
        """Ids (n,) of the pairs."""
        return self.a.ids.take(pa.array(self.pairing.rows_a))

    def rows_a(self, pairs: npt.NDArray[np.intp]) -> Float32:
        """The first version's vectors (m, d) of these pairs."""
        return float32(self.a.vectors[self.pairing.rows_a[pairs]])

    def rows_b(self, pairs: npt.NDArray[np.intp]) -> Float32:
        """The second version's vectors (m, e) of these pairs."""
        return float32(self.b.vectors[self.pairing.rows_b[pairs]])

    def blocks(self, pairs: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
        """`pairs`, cut so that a block of the wider side holds about BLOCK_VALUES values."""
        return blocks(pairs, max(self.a.vectors.shape[1], self.b.vectors.shape[1]))


def blocks(rows: npt.NDArray[np.intp], width: int) -> Iterator[npt.NDArray[np.intp]]:
    """`rows` in order, cut so that a block of `width` columns holds about BLOCK_VALUES values."""
    step = max(256, BLOCK_VALUES // max(1, width))
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


def float32(vectors: npt.NDArray[Any]) -> Float32:
    """`vectors` as contiguous float32; values beyond `GREATEST` become infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = np.ascontiguousarray(vectors, np.float32)
        absurd = np.abs(narrow) > GREATEST
    return np.where(absurd, np.float32(np.inf), narrow) if absurd.any() else narrow


def _first_rows(ids: pa.Array) -> Int64:
    """Rows at which an id stands for the first time, in row order; null is no id."""
    codes = np.asarray(ids.dictionary_encode().indices.fill_null(-1), np.int64)
    _, first = np.unique(codes, return_index=True)
    first = np.sort(first)
    return np.asarray(first[codes[first] >= 0], np.int64)
