"""The binary files of nearest-neighbour benchmarks: .fvecs, .bvecs, .fbin, .u8bin and .i8bin."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, array_table, refuse_array
from monitor.sources.faults import reading
from monitor.sources.limits import checked_dim
from monitor.sources.nouns import File, Table

ELEMENTS = {".fvecs": "<f4", ".bvecs": "u1", ".fbin": "<f4", ".u8bin": "u1", ".i8bin": "i1"}
"""The type of one number, by the extension: these files have no other mark."""

_CHECKED = 1 << 16


def vecs_table(file: File, columns: Columns) -> Table:
    """The table of such a file, memory-mapped. Raises SourceError where its sizes do not fit."""
    suffix = file.path.suffix.lower()
    with reading(file.name):
        open_array = _rows_with_lengths if suffix.endswith("vecs") else _one_header
        array = open_array(file, np.dtype(ELEMENTS[suffix]))
        refuse_array(array.shape, array.dtype, file.name)
        return array_table(file.name, VECTOR, array)


def _rows_with_lengths(file: File, element: np.dtype[Any]) -> npt.NDArray[Any]:
    """Each row is its length as int32, then its numbers."""
    size = file.path.stat().st_size
    with open(file.path, "rb") as stream:
        dim = checked_dim(int.from_bytes(stream.read(4), "little", signed=True), file.name)
    row = 4 + dim * element.itemsize
    if size % row:
        raise _unfit(file, f"rows of {row:,} bytes do not fill {size:,}")
    rows = np.memmap(file.path, np.dtype([("d", "<i4"), ("v", element, (dim,))]), "r")
    for start in range(0, len(rows), _CHECKED):
        wrong = np.flatnonzero(rows["d"][start : start + _CHECKED] != dim)
        if len(wrong):
            at = start + int(wrong[0])
            raise _unfit(file, f"row {at} is of length {int(rows['d'][at])}, not {dim}")
    found: npt.NDArray[Any] = rows["v"]
    return found


def _one_header(file: File, element: np.dtype[Any]) -> npt.NDArray[Any]:
    """The number of rows and the dimension as uint32, then all numbers."""
    size = file.path.stat().st_size
    with open(file.path, "rb") as stream:
        rows, dim = (int.from_bytes(stream.read(4), "little") for _ in range(2))
    checked_dim(dim, file.name)
    if size != 8 + rows * dim * element.itemsize:
        raise _unfit(file, f"{rows:,} rows of dimension {dim} do not fill {size:,} bytes")
    found: npt.NDArray[Any] = np.memmap(file.path, element, "r", 8, (rows, dim))
    return found


def _unfit(file: File, why: str) -> SourceError:
    return SourceError(
        f"{file.name} is cut short, damaged or of another format: {why}", "write it again"
    )
