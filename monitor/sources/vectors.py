"""Arrow columns of vectors as float32 rows. Rows never shift: row i out is row i in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.arrowed import numpy_flags, numpy_numbers
from monitor.batch import ROW_NULL, ROW_OK, ROW_WRONG_DIM, Float32
from monitor.sources.texts import plain

Status = npt.NDArray[np.uint8]


def is_number(kind: pa.DataType) -> bool:
    """Whether values of this type can be an element of a vector."""
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def is_vector(kind: pa.DataType) -> bool:
    """Whether a value of this type is a list of numbers."""
    kind = _storage(kind)
    return _is_list(kind) and is_number(kind.value_type)


def fixed_dim(kind: pa.DataType) -> int | None:
    """The dimension that the type itself states."""
    kind = _storage(kind)
    return int(kind.list_size) if pa.types.is_fixed_size_list(kind) else None


def lengths(array: pa.Array) -> npt.NDArray[np.int64]:
    """Lengths of the lists that are not null, in row order."""
    array = plain(array)
    if pa.types.is_null(array.type):
        return np.zeros(0, np.int64)
    return _extents(array)[1][_valid(array)]


def vectors_of_lists(array: pa.Array, dim: int) -> tuple[Float32, Status]:
    """(n, dim) float32 and (n,) row states of a column of lists.

    Null lists are ROW_NULL, lists of another length ROW_WRONG_DIM, both zeros; a null element is
    NaN. Without nulls and ragged lists, float32 is a view of the Arrow memory (read-only).
    """
    array = plain(array)
    n = len(array)
    if pa.types.is_null(array.type):
        return np.zeros((n, dim), np.float32), np.full(n, ROW_NULL, np.uint8)
    starts, sizes = _extents(array)
    valid = _valid(array)
    status = np.where(valid, np.where(sizes == dim, ROW_OK, ROW_WRONG_DIM), ROW_NULL)
    status = status.astype(np.uint8)
    good = status == ROW_OK
    if good.all() and n and (np.diff(starts) == dim).all():
        return _elements(array.values, starts[0], starts[0] + n * dim).reshape(n, dim), status
    vectors = np.zeros((n, dim), np.float32)
    vectors[good] = _gathered(array.values, starts[good], dim)
    return vectors, status


def vectors_of_columns(columns: Sequence[pa.Array]) -> tuple[Float32, Status]:
    """(n, d) float32 and (n,) row states of one numeric column per dimension.

    A row is ROW_NULL where every column is null; a single null is NaN.
    """
    n = len(columns[0])
    vectors = np.empty((n, len(columns)), np.float32)
    nulls = np.zeros(n, np.int64)
    for j, column in enumerate(columns):
        vectors[:, j] = _numbers(column)
        if column.null_count:
            nulls += ~_valid(column)
    status = np.where(nulls == len(columns), ROW_NULL, ROW_OK).astype(np.uint8)
    vectors[status == ROW_NULL] = 0
    return vectors, status


def _storage(kind: pa.DataType) -> pa.DataType:
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _is_list(kind: pa.DataType) -> bool:
    t = pa.types
    tests = (t.is_list, t.is_large_list, t.is_fixed_size_list, t.is_list_view, t.is_large_list_view)
    return any(test(kind) for test in tests)


def _valid(array: pa.Array) -> npt.NDArray[np.bool_]:
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    return numpy_flags(array.is_valid())


def _extents(array: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Where each row's list starts in `array.values`, and its length; slices are minded.

    `flatten()` would drop the slots of null rows, and `values` knows no slice: only positions
    tell which element is whose.
    """
    kind, n = array.type, len(array)
    if pa.types.is_fixed_size_list(kind):
        sizes = np.full(n, kind.list_size, np.int64)
        return (np.arange(n) + array.offset) * kind.list_size, sizes
    offsets = numpy_numbers(array.offsets).astype(np.int64)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return offsets[:-1], np.diff(offsets)
    return offsets, numpy_numbers(array.sizes).astype(np.int64)


def _elements(values: pa.Array, start: int, stop: int) -> Float32:
    return _numbers(values.slice(start, stop - start))


def _gathered(values: pa.Array, starts: npt.NDArray[np.int64], dim: int) -> Float32:
    """The `dim` elements from each start, (m, dim)."""
    if not len(starts):
        return np.zeros((0, dim), np.float32)
    low, high = int(starts.min()), int(starts.max()) + dim
    near = _elements(values, low, high)
    found: Float32 = near[(starts - low)[:, None] + np.arange(dim)]
    return found


def _numbers(array: pa.Array) -> Float32:
    """Numbers as float32, null as NaN, what is past the range of float32 as Inf."""
    nulls = array.null_count
    found: npt.NDArray[Any] = (
        array.to_numpy(zero_copy_only=False) if nulls else numpy_numbers(array)
    )
    if found.dtype == object:  # a column that is null throughout
        return np.full(len(array), np.nan, np.float32)
    with np.errstate(over="ignore"):
        return found.astype(np.float32, copy=False)
