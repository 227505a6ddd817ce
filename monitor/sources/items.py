"""A whole source at once, for comparing versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import ROW_OK, Batch, Items
from monitor.sources.nouns import Source

Metric = Literal["cosine", "ip", "l2"]


def items_of(source: Source, metric: Metric = "cosine") -> Items:
    """All rows of `source`; rows without a vector of its dimension are NaN.

    Where it has no id column, ids are the row numbers "0", "1", …; a row whose id is null gets
    the source's name and its row number, so that it meets no other row. Vectors are float32, or
    as they lie in one memory-mapped array of float16 or float32.
    """
    array: npt.NDArray[Any] | None = getattr(source, "array", None)
    as_it_lies = array is not None and array.dtype in (np.float16, np.float32)
    parts = [_Part(batch, keep=not as_it_lies) for batch in source.batches()]
    vectors = array if array is not None and as_it_lies else _stacked(parts, source)
    columns = {name: _chained(p.columns[name] for p in parts) for name in _names(parts)}
    return Items(_ids(parts, source.name), vectors, columns, metric, source.name)


class _Part:
    """What is kept of a batch."""

    def __init__(self, batch: Batch, *, keep: bool) -> None:
        self.n, self.ids, self.columns = len(batch), batch.ids, dict(batch.columns)
        self.vectors = _marked(batch) if keep else None


def _marked(batch: Batch) -> npt.NDArray[np.float32]:
    bad = batch.status != ROW_OK
    if not bad.any():
        return batch.vectors
    vectors = batch.vectors.copy()
    vectors[bad] = np.nan
    return vectors


def _stacked(parts: list[_Part], source: Source) -> npt.NDArray[np.float32]:
    whole = np.empty((sum(part.n for part in parts), source.dim), np.float32)
    start = 0
    for part in parts:
        if part.vectors is not None:
            whole[start : start + part.n] = part.vectors
            part.vectors = None
        start += part.n
    return whole


def _names(parts: list[_Part]) -> list[str]:
    return list(parts[0].columns) if parts else []


def _chained(arrays: Iterable[pa.Array]) -> pa.Array:
    return pa.concat_arrays(list(arrays))


def _ids(parts: list[_Part], name: str) -> pa.StringArray:
    n = sum(part.n for part in parts)
    numbers = pa.array(np.arange(n)).cast(pa.string())
    if not parts or parts[0].ids is None:
        return numbers
    ids = _chained(part.ids for part in parts)
    if not ids.null_count:
        return ids
    return pc.coalesce(ids, pc.binary_join_element_wise(name, numbers, "#"))
