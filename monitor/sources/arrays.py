"""NumPy arrays as tables: vectors (n, d), and columns (n,) beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import SourceError
from monitor.sources.limits import checked_dim
from monitor.sources.nouns import Table

Pieces = Callable[[int], Iterator[npt.NDArray[Any]]]
"""From a number of rows, consecutive pieces of at most so many."""

VECTOR = "embedding"
"""The column that an array without a name of its own becomes."""

_HINT = "save vectors as float32 or float16 of shape (n, d)"


def refuse_array(shape: tuple[int, ...], dtype: np.dtype[Any], what: str) -> None:
    """Raise SourceError where an array of this shape and type does not hold vectors."""
    if dtype.hasobject:
        raise SourceError(
            f"{what} holds Python objects, and reading them can run any program: it was not opened",
            _HINT + ", and ids with ids.astype(str)",
        )
    if len(shape) != 2 or shape[0] < 0:
        raise SourceError(f"{what} is of shape {shape}; vectors are (n, d)", _HINT)
    if dtype.kind not in "fiu" or dtype.itemsize > 8:
        raise SourceError(f"{what} is of type {dtype}, which vectors cannot be", _HINT)
    checked_dim(shape[1], what)


def array_table(
    name: str,
    vector: str,
    array: npt.NDArray[Any],
    beside: Mapping[str, pa.Array] | None = None,
) -> Table:
    """The table of an array (n, d), memory-mapped or not, and of columns of n values."""

    def pieces(n: int) -> Iterator[npt.NDArray[Any]]:
        return (array[start : start + n] for start in range(0, len(array), n))

    table = pieces_table(name, vector, array.shape, array.dtype, pieces, beside or {})
    return Table(name, table.schema, table.rows, table.read, array)


def bfloat16_table(name: str, vector: str, raw: npt.NDArray[Any]) -> Table:
    """The table of an array (n, d) of bfloat16, given as the uint16 it takes in memory."""

    def pieces(n: int) -> Iterator[npt.NDArray[Any]]:
        for start in range(0, len(raw), n):
            # The upper half of a float32.
            yield (raw[start : start + n].astype("<u4") << 16).view("<f4")

    return pieces_table(name, vector, raw.shape, np.dtype("<f4"), pieces, {})


def pieces_table(
    name: str,
    vector: str,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    pieces: Pieces,
    beside: Mapping[str, pa.Array],
) -> Table:
    """The table of an array that comes in pieces."""
    n_rows, d = shape
    kind = pa.list_(pa.from_numpy_dtype(dtype.newbyteorder("=")), d)
    schema = pa.schema([(vector, kind), *((n, values.type) for n, values in beside.items())])

    def read(columns: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        start = 0
        for piece in pieces(n):
            native = np.ascontiguousarray(piece, dtype.newbyteorder("="))
            lists = pa.FixedSizeListArray.from_arrays(pa.array(native.reshape(-1)), d)
            found = [
                lists if column == vector else beside[column].slice(start, len(piece))
                for column in columns
            ]
            yield pa.record_batch(found, names=list(columns))
            start += len(piece)

    return Table(name, schema, n_rows, read)
