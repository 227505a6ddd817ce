"""FAISS indexes: the vectors they hold, as far as the index keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.arrays import VECTOR, pieces_table
from monitor.sources.extras import library
from monitor.sources.faults import reading
from monitor.sources.limits import BOMB_BYTES, checked_dim
from monitor.sources.nouns import File, Table


def faiss_table(file: File, columns: Columns) -> Table:
    """The table of an index, which is held in memory; the ids of an IDMap are its ids.

    Quantised indexes give their approximations, with a warning. Raises SourceError where the
    index keeps no vectors that it could give back.
    """
    faiss = library("faiss", "faiss")
    with _said(file):
        # A lie about a length must not be allocated.
        faiss.set_deserialization_vector_byte_limit(max(file.path.stat().st_size, BOMB_BYTES))
        # What it is cast to is a view: the whole must outlive it.
        whole = faiss.read_index(str(file.path))
        index = faiss.downcast_index(whole)
        checked_dim(index.d, file.name)
        beside = {}
        if isinstance(index, faiss.IndexIDMap):
            beside["id"] = pa.array(faiss.vector_to_array(index.id_map))
            index = faiss.downcast_index(index.index)
        if isinstance(index, faiss.IndexIVF):
            index.make_direct_map()
        rows, dim = index.ntotal, index.d
        exact = isinstance(index, faiss.IndexFlat | faiss.IndexHNSWFlat | faiss.IndexIVFFlat)
        if rows:
            _first(file, index)

    def pieces(n: int, owner: Any = whole) -> Iterator[npt.NDArray[Any]]:
        with _said(file):
            for start in range(0, rows, n):
                yield index.reconstruct_n(start, min(n, rows - start))

    table = pieces_table(file.name, VECTOR, (rows, dim), np.dtype(np.float32), pieces, beside)
    note = f"{file.name}: {type(index).__name__} keeps approximations of its vectors"
    return table if exact else replace(table, warnings=(note,))


def _first(file: File, index: Any) -> None:
    try:
        index.reconstruct_n(0, 1)
    except RuntimeError as error:
        raise SourceError(
            f"{file.name} is a {type(index).__name__}, which does not give its vectors back",
            "read them from where the index was built",
        ) from error


@contextmanager
def _said(file: File) -> Iterator[None]:
    """What the library says of a damaged index, shortened to its reason."""
    with reading(file.name):
        try:
            yield
        except RuntimeError as error:
            reason = str(error).rpartition(": Error: ")[2].splitlines()[0]
            raise ValueError(reason or "it is no FAISS index") from error
