"""Objects in memory: NumPy arrays, and whatever speaks Arrow's C stream interface."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.errors import SourceError
from monitor.sources.arrays import VECTOR, array_table, refuse_array
from monitor.sources.faults import printable, reading
from monitor.sources.nouns import Table


def memory_table(what: object) -> Table:
    """The table of an object in memory.

    NumPy arrays are (n, d). pandas and polars frames, pyarrow tables, DuckDB relations and the
    like are taken as tables, without a copy where their library allows; a record batch reader,
    which can be read only once, is read whole. Raises SourceError for anything else.
    """
    name = f"in-memory {printable(type(what).__name__)}"
    if isinstance(what, np.ndarray) and not isinstance(what, np.ma.MaskedArray):
        refuse_array(what.shape, what.dtype, name)
        return array_table(name, VECTOR, what)
    if hasattr(what, "__arrow_c_stream__") or hasattr(what, "__arrow_c_array__"):
        with reading(name):
            return _table(name, pa.table(what))
    raise SourceError(
        f"an object of type {printable(type(what).__name__)} is no source",
        "give a path, a NumPy array of shape (n, d), or a pandas, polars or pyarrow table",
    )


def _table(name: str, table: Any) -> Table:
    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        return iter(table.select(list(names)).to_batches(max_chunksize=n))

    return Table(name, table.schema.remove_metadata(), table.num_rows, read)
