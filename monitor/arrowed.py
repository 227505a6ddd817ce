"""Numbers between NumPy and Arrow, without a copy and without pandas.

pyarrow's own conversions (`pa.array`, `to_numpy`) import pandas where it is installed, which takes
longer than a small file takes to read.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa


def arrow_numbers(values: npt.NDArray[Any]) -> pa.Array:
    """The numbers (n,) as an Arrow array that shares their memory.

    >>> arrow_numbers(np.array([1, 2])).type
    DataType(int64)
    """
    kept = np.ascontiguousarray(values)
    kind = pa.from_numpy_dtype(kept.dtype)
    return pa.Array.from_buffers(kind, len(kept), [None, pa.py_buffer(kept)])


def numpy_numbers(array: pa.Array | pa.ChunkedArray) -> npt.NDArray[Any]:
    """Numbers without nulls as NumPy; read-only, they share memory unless they lie in chunks.

    >>> numpy_numbers(pa.chunked_array([[1], [2]]))
    array([1, 2])
    """
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return np.from_dlpack(whole)


def arrow_times(values: npt.NDArray[np.datetime64]) -> pa.Array:
    """Times (n,) in UTC as Arrow's, in microseconds; NaT is null.

    >>> arrow_times(np.array(["2026-01-01", "NaT"], "datetime64[us]")).null_count
    1
    """
    kept = np.ascontiguousarray(values, "datetime64[us]")
    known = np.packbits(~np.isnat(kept), bitorder="little")
    buffers = [pa.py_buffer(known), pa.py_buffer(kept.view(np.int64))]
    return pa.Array.from_buffers(pa.timestamp("us", "UTC"), len(kept), buffers)


def numpy_flags(array: pa.Array) -> npt.NDArray[np.bool_]:
    """Booleans without nulls as NumPy.

    >>> numpy_flags(pa.array([True, False]))
    array([ True, False])
    """
    return numpy_numbers(array.cast(pa.uint8())).astype(bool)
