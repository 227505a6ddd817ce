"""HDF5: ann-benchmarks, Keras weights and .h5ad as well as any file with a matrix in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, pieces_table, refuse_array
from monitor.sources.extras import library
from monitor.sources.faults import printable, reading
from monitor.sources.limits import MAX_NESTING
from monitor.sources.matrices import Named, chosen, without_padding
from monitor.sources.nouns import File, Table

MAX_CHUNK = 1 << 30
"""Largest chunk that is unpacked at once, in bytes."""

USUAL = ("train", "obsm/*", "*embed*/vars/0", "*embedding*", "X")
"""Of several matrices, those that are meant: ann-benchmarks, AnnData and Keras name them so."""


def hdf5_table(file: File, columns: Columns) -> Table:
    """The table of one matrix, read in pieces; arrays of n values beside it become columns.

    `obs` of an .h5ad file gives its rows their ids and columns. Raises SourceError for links to
    other files: what a file says is no reason to open another one.
    """
    h5py = library("h5py", "hdf5")
    with reading(file.name), _opened(h5py, file) as store:
        arrays = dict(_datasets(h5py, store, ""))
        named = [Named(n, tuple(a.shape), str(a.dtype)) for n, a in arrays.items()]
        name = chosen(file, named, USUAL)
        array = arrays[name]
        _refuse_foreign(file, name, array)
        refuse_array(array.shape, array.dtype, f"{name!r} of {file.name}")
        beside = _beside(h5py, file, store, arrays, name)
        shape, dtype = tuple(array.shape), array.dtype

    def pieces(n: int) -> Iterator[npt.NDArray[Any]]:
        with reading(file.name), _opened(h5py, file) as store:
            for start in range(0, shape[0], n):
                yield store[name][start : start + n]

    table = pieces_table(file.name, VECTOR, shape, dtype, pieces, beside)
    return without_padding(table, file)


def _opened(h5py: Any, file: File) -> Any:
    return h5py.File(file.path, "r", locking=False)


def _datasets(h5py: Any, group: Any, path: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every dataset by its path; soft and external links are not followed."""
    if depth > MAX_NESTING:
        return
    for key in group:
        if not isinstance(group.get(key, getlink=True), h5py.HardLink):
            continue
        found, name = group[key], f"{path}{key}"
        if isinstance(found, h5py.Dataset):
            yield name, found
        elif isinstance(found, h5py.Group):
            yield from _datasets(h5py, found, f"{name}/", depth + 1)


def _refuse_foreign(file: File, name: str, array: Any) -> None:
    what = f"{printable(name)!r} of {file.name}"
    if array.is_virtual or array.external:
        raise SourceError(f"{what} lies in another file", "copy the vectors into this one")
    chunk = int(np.prod(array.chunks or (0,), dtype=object)) * array.dtype.itemsize
    if chunk > MAX_CHUNK:
        raise SourceError(
            f"{what} is packed in chunks of {chunk:,} bytes", "write it in smaller chunks"
        )


def _beside(
    h5py: Any, file: File, store: Any, arrays: Mapping[str, Any], name: str
) -> dict[str, pa.Array]:
    """Arrays of one value a row: of `obs` in .h5ad, else from the group of the matrix."""
    annotated = isinstance(store.get("obs"), h5py.Group)
    group = "obs/" if annotated else name[: name.rfind("/") + 1]
    index = store["obs"].attrs.get("_index", "_index") if annotated else None
    found: dict[str, pa.Array] = {}
    rows = arrays[name].shape[0]
    for path, array in arrays.items():
        column, _, inner = path.removeprefix(group).partition("/")
        if not path.startswith(group) or path == name or array.shape != (rows,):
            continue
        _refuse_foreign(file, path, array)
        whole = not inner or annotated
        values = _column(h5py, arrays, f"{group}{column}", inner) if whole else None
        if values is not None:
            found["id" if column in (index, "ids") else column] = values
    return found


def _column(h5py: Any, arrays: Mapping[str, Any], path: str, inner: str) -> pa.Array | None:
    """A column: an array, or in AnnData a group of codes and categories, or values and a mask."""
    if not inner:
        return _values(h5py, arrays[path])
    words = arrays.get(f"{path}/categories")
    if inner == "codes" and words is not None:
        rows = arrays[f"{path}/codes"][:].astype(np.int64)
        return _taken(_values(h5py, words), rows, rows < 0)
    mask = arrays.get(f"{path}/mask")
    if inner == "values" and mask is not None:
        values = _values(h5py, arrays[f"{path}/values"])
        return _taken(values, np.arange(len(mask)), mask[:].astype(bool))
    return None


def _taken(
    values: pa.Array | None, rows: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_]
) -> pa.Array | None:
    if values is None:
        return None
    if len(rows) and rows.max() >= len(values):
        raise ValueError("a code points outside its categories")
    return values.take(pa.array(rows, mask=missing))


def _values(h5py: Any, array: Any) -> pa.Array | None:
    text = h5py.check_string_dtype(array.dtype)
    if text is None and array.dtype.kind not in "fiubS":
        return None
    found = array[:]
    if text is not None or array.dtype.kind == "S":
        return pa.array(
            [bytes(v) if isinstance(v, bytes) else str(v).encode() for v in found], pa.binary()
        )
    return pa.array(found.astype(found.dtype.newbyteorder("=")))
