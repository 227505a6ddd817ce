"""Sparse matrices as SciPy saves them (`scipy.sparse.save_npz`): one-hot, multi-hot, counts."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, pieces_table
from monitor.sources.faults import reading
from monitor.sources.limits import checked_dim, refuse_bomb
from monitor.sources.nouns import File, Table

MEMBERS = {"indptr.npy", "indices.npy", "data.npy", "shape.npy", "format.npy"}
"""What such an archive holds."""


def sparse_npz_table(file: File, columns: Columns) -> Table:
    """The table of a CSR matrix (n, d): its sparse form is held, rows are made dense in pieces.

    Where there is an array `ids` of n values beside it, as `embmon embed one-hot` writes, they are
    the ids.
    """
    matrix, ids = _matrix(file)
    rows, dim = matrix.shape
    checked_dim(dim, file.name)
    dtype = np.dtype(np.float32)

    def pieces(n: int) -> Iterator[npt.NDArray[Any]]:
        return (matrix[at : at + n].toarray().astype(dtype) for at in range(0, rows, n))

    return pieces_table(file.name, VECTOR, (rows, dim), dtype, pieces, ids)


def _matrix(file: File) -> tuple[Any, dict[str, pa.Array]]:
    """The matrix as `scipy.sparse.csr_array`, its indices checked, and the column of ids."""
    from scipy import sparse

    with reading(file.name):
        with zipfile.ZipFile(file.path) as archive:
            for member in archive.infolist():
                refuse_bomb(file.name, member.file_size, member.compress_size)
        with np.load(file.path, allow_pickle=False) as archive:
            kind = archive["format"].item()
            kind = kind.decode() if isinstance(kind, bytes) else kind
            if kind != "csr":
                raise SourceError(
                    f"{file.name} is a sparse matrix of format {kind!r}; csr can be read",
                    "save it with scipy.sparse.save_npz(PATH, matrix.tocsr())",
                )
            parts = (archive["data"], archive["indices"], archive["indptr"])
            shape = tuple(int(n) for n in archive["shape"])
            ids = archive.get("ids")
        _refuse_wrong(*parts, shape)
        matrix = sparse.csr_array(parts, shape=(shape[0], shape[1]))
        fits = ids is not None and ids.shape == (shape[0],) and ids.dtype.kind in "iuU"
        return matrix, {"id": pa.array(ids)} if fits else {}


def _refuse_wrong(
    data: npt.NDArray[Any],
    indices: npt.NDArray[Any],
    indptr: npt.NDArray[Any],
    shape: tuple[int, ...],
) -> None:
    """SciPy follows indices without a check, to wherever in memory they point."""
    if data.dtype.kind not in "fiub" or indices.dtype.kind not in "iu":
        raise ValueError("it does not hold numbers")
    if len(shape) != 2 or indptr.dtype.kind not in "iu" or indptr.shape != (shape[0] + 1,):
        raise ValueError("its rows do not fit its shape")
    if indptr[0] != 0 or (np.diff(indptr) < 0).any() or indptr[-1] != len(indices):
        raise ValueError("its rows do not fit its numbers")
    if len(indices) != len(data) or (
        len(indices) and not 0 <= indices.min() <= indices.max() < shape[1]
    ):
        raise ValueError("an index points outside its columns")
