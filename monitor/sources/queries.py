"""Which table or query of a database is meant, and rows of Python values as Arrow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from decimal import Decimal
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.errors import SchemaError, SourceError
from monitor.model import Columns
from monitor.sources.faults import printable
from monitor.sources.layout import USUAL
from monitor.sources.nouns import Table

Rows = Callable[[], AbstractContextManager[tuple[Sequence[str], Iterator[Sequence[Any]]]]]
"""Runs the query anew: the names of its columns, and its rows."""

_SAMPLE = 1000


def query_of(name: str, options: dict[str, str], tables: Sequence[str]) -> str:
    """The query that `?query=` or `?table=` states, or of the only table. Raises SourceError."""
    if "query" in options:
        # More than one statement, and a reading would be more than a reading.
        query = options["query"].strip().rstrip(";").strip()
        if not query:
            raise SourceError(f"{name} is asked an empty query", "write ?query=SELECT …")
        return query
    asked = options.get("table")
    if asked is None and len(tables) == 1:
        asked = tables[0]
    if asked is None or asked not in tables:
        shown = ", ".join(printable(t) for t in tables[:20]) or "none"
        which = "several tables" if asked is None else f"no table {printable(asked)!r}"
        which = which if tables else "no tables"
        raise SourceError(f"{name} has {which}", f"name one with ?table=NAME; it has: {shown}")
    return "SELECT * FROM " + ".".join(quoted(part) for part in re.split(r"\.", asked))


def refused(name: str, error: Exception) -> SourceError:
    """What a database said against a query, or about its file."""
    reason = printable((str(error) or type(error).__name__).strip().splitlines()[0])
    return SourceError(
        f"{name} refuses: {reason}", "check the file and the query; it may only read this database"
    )


def quoted(name: str) -> str:
    """An identifier in SQL.

    >>> quoted('a "b')
    '"a ""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def rows_table(name: str, run: Rows, columns: Columns) -> Table:
    """The table of a query whose rows are tuples; the first 1000 tell the types.

    Bytes in the vector's column are float32 in little-endian order, as sqlite-vec has them.
    """
    with run() as (names, found):
        sample = list(islice(found, _SAMPLE))
    vectors = {columns.vector} if columns.vector else set(USUAL)
    kinds = [
        _kind([row[i] for row in sample], column.lower() in vectors or column in vectors)
        for i, column in enumerate(names)
    ]
    schema = pa.schema(list(zip(names, kinds, strict=True)))

    def read(wanted: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        at = [names.index(column) for column in wanted]
        with run() as (_, rows):
            while piece := list(islice(rows, n)):
                arrays = [_array(name, names[i], [r[i] for r in piece], kinds[i]) for i in at]
                yield pa.record_batch(arrays, names=list(wanted))

    return Table(name, schema, 0 if not sample else None, read)


def _kind(values: list[Any], vector: bool) -> pa.DataType:
    values = [v for v in values if v is not None]
    if vector and values and all(isinstance(v, bytes) for v in values):
        return pa.list_(pa.float32())
    if values and all(isinstance(v, Decimal | int | float) for v in values):
        whole = all(isinstance(v, int) for v in values)
        flags = all(isinstance(v, bool) for v in values)
        return pa.bool_() if flags else pa.int64() if whole else pa.float64()
    try:
        found = pa.array(values).type
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.string()
    return pa.string() if pa.types.is_nested(found) and not _numeric(found) else found


def _numeric(kind: pa.DataType) -> bool:
    inner = getattr(kind, "value_type", pa.null())
    return bool(pa.types.is_floating(inner) or pa.types.is_integer(inner))


def _array(table: str, column: str, values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_list(kind) and any(isinstance(v, bytes) for v in values):
        return _blobs(values)
    if pa.types.is_string(kind):
        values = [v if v is None or isinstance(v, str | bytes) else str(v) for v in values]
    elif pa.types.is_floating(kind):
        values = [float(v) if isinstance(v, Decimal | int) else v for v in values]
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise SchemaError(
            f"{column!r} of {table} holds values of several types: {printable(error)}",
            f"give it one in the query: CAST({column} AS …)",
        ) from error


def _blobs(values: list[Any]) -> pa.Array:
    """Bytes as float32 vectors; what is no whole number of floats is null."""
    sound = [v if isinstance(v, bytes) and len(v) % 4 == 0 else None for v in values]
    sizes = [len(v) // 4 if v is not None else 0 for v in sound]
    offsets = pa.array(
        [0, *np.cumsum(sizes).tolist()], mask=np.array([*(v is None for v in sound), False])
    )
    numbers = np.frombuffer(b"".join(v for v in sound if v is not None), "<f4")
    return pa.ListArray.from_arrays(offsets.cast(pa.int32()), pa.array(numbers))
