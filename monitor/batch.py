"""Rows as arrays: some of a source, or all of a version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.arrowed import arrow_numbers

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

ROW_OK, ROW_NULL, ROW_WRONG_DIM = 0, 1, 2
"""Row states a source can already tell. NaN, Inf and zero vectors are found by the profile."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Some rows of a source, in its order.

    vectors: (n, d) float32, C-contiguous; rows whose status is not ROW_OK are zeros.
    status: (n,) uint8, one of the ROW_ states.
    ids, entities: (n,) Arrow strings, or None where the source names no such column.
    at: (n,) datetime64[us] in UTC, NaT where missing; None where no time column is named.
    columns: further columns by name, each an Arrow array of n values.
    """

    vectors: Float32
    status: npt.NDArray[np.uint8]
    ids: pa.StringArray | None = None
    at: npt.NDArray[np.datetime64] | None = None
    entities: pa.StringArray | None = None
    columns: Mapping[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.status)

    @property
    def dim(self) -> int:
        """Dimension d of the vectors."""
        return int(self.vectors.shape[1])

    def take(self, rows: npt.NDArray[np.intp]) -> Batch:
        """The batch of these rows, in this order; `rows` is an integer index (m,). Consecutive
        rows are not copied."""
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and bool((np.diff(rows) == 1).all()):
            start, m = int(rows[0]), len(rows)
            return self._of(slice(start, start + m), lambda values: values.slice(start, m))
        index = arrow_numbers(rows)
        return self._of(rows, lambda values: values.take(index))

    def _of(
        self, rows: slice | npt.NDArray[np.intp], chosen: Callable[[pa.Array], pa.Array]
    ) -> Batch:
        return replace(
            self,
            vectors=self.vectors[rows],
            status=self.status[rows],
            ids=None if self.ids is None else chosen(self.ids),
            at=None if self.at is None else self.at[rows],
            entities=None if self.entities is None else chosen(self.entities),
            columns={name: chosen(values) for name, values in self.columns.items()},
        )


def joined(pieces: Sequence[Batch]) -> Batch:
    """The rows of at least one batch of a source, in this order."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    at = [piece.at for piece in pieces if piece.at is not None]
    return Batch(
        vectors=np.concatenate([p.vectors for p in pieces]),
        status=np.concatenate([p.status for p in pieces]),
        ids=None if first.ids is None else pa.concat_arrays([p.ids for p in pieces]),
        at=np.concatenate(at) if at else None,
        entities=None if first.entities is None else pa.concat_arrays([p.entities for p in pieces]),
        columns={n: pa.concat_arrays([p.columns[n] for p in pieces]) for n in first.columns},
    )


@dataclass(frozen=True, eq=False)
class Items:
    """The rows of a version or of any source, held whole (vectors may be memory-mapped).

    ids: (n,) Arrow strings, unique or not, in row order; vectors: (n, d) float, rows as they
    came (NaN, Inf and zero rows included, null rows as NaN); columns: further columns of n
    values; metric: how the items are compared.
    """

    ids: pa.StringArray
    vectors: npt.NDArray[np.floating[Any]]
    columns: Mapping[str, pa.Array] = field(default_factory=dict)
    metric: Literal["cosine", "ip", "l2"] = "cosine"
    name: str = ""

    def __len__(self) -> int:
        return len(self.ids)
