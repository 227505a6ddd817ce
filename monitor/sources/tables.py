"""Tables that belong together, checked against each other and made a source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.decode import Decoder, kept_type
from monitor.sources.dimension import dimension, refuse_other
from monitor.sources.faults import printable, reading
from monitor.sources.layout import Layout, layout, refuse_missing
from monitor.sources.nouns import Table
from monitor.sources.tabular import Digest, EmptySource, TabularSource
from monitor.sources.texts import is_text
from monitor.sources.times import refuse_no_times, refuse_times, zone
from monitor.sources.vectors import fixed_dim, is_vector


def source_of_tables(
    name: str, tables: Sequence[Table], columns: Columns, dim: int | None, hash: Digest
) -> TabularSource | EmptySource:
    """The tables, in this order, as one source. Raises SourceError where one does not fit."""
    given = zone(columns.timezone)
    filled = [table for table in tables if table.rows != 0]
    if not filled:
        return EmptySource(name, _dim_of_empty(tables[0], columns, dim, name), hash)
    found = layout(filled[0].schema, columns, filled[0].name)
    warnings = [line for table in filled for line in table.warnings]
    if "*" in columns.keep:
        found, lost = _kept_everywhere(found, filled, columns, name)
        warnings += lost
    for table in filled:
        lists = () if found.wide else found.vector
        refuse_missing(table.schema, (*lists, *found.beside), table.name)
    _refuse_times(filled, found, given)
    kept = {column: _kept(filled, column) for column in found.keep}
    decoder = Decoder(found, dimension(filled, found, dim, name), given, kept)
    return TabularSource(name, filled, decoder, hash, warnings)


def _dim_of_empty(table: Table, columns: Columns, dim: int | None, name: str) -> int:
    """The dimension that a table without rows states, or that is given."""
    named = (columns.id, columns.at, columns.entity, columns.text)
    refuse_missing(table.schema, [n for n in named if n], table.name)
    lists = [f for f in table.schema if is_vector(f.type) and columns.vector in (None, f.name)]
    stated = fixed_dim(lists[0].type) if len(lists) == 1 else None
    if stated is not None:
        refuse_other(stated, dim, name)
    if stated is None and dim is None:
        raise SourceError(f"{name} holds no rows", "check how it was written")
    return stated or dim or 0


def _kept_everywhere(
    found: Layout, tables: Sequence[Table], columns: Columns, name: str
) -> tuple[Layout, list[str]]:
    """Of all columns that could be kept, those that every table has."""
    asked = (columns.entity, columns.text)
    shared = set.intersection(*(set(table.schema.names) for table in tables))
    lost = [n for n in found.keep if n not in shared and n not in asked]
    kept = tuple(n for n in found.keep if n not in lost)
    shown = ", ".join(printable(repr(n)) for n in lost)
    warnings = [f"{name}: not in every file and left out: {shown}"] if lost else []
    return replace(found, keep=kept), warnings


def _kept(tables: Sequence[Table], column: str) -> pa.DataType:
    """The type that a kept column has in every table, else string."""
    kinds = {kept_type(table.schema.field(column).type) for table in tables}
    return kinds.pop() if len(kinds) == 1 else pa.string()


def _refuse_times(tables: Sequence[Table], found: Layout, given: tzinfo | None) -> None:
    column = found.at
    if column is None:
        return
    for table in tables:
        refuse_times(table.schema.field(column).type, column, table.name, given)
    if is_text(tables[0].schema.field(column).type):
        sample = next(tables[0].read([column], 1024), None)
        if sample is not None:
            with reading(tables[0].name):
                refuse_no_times(sample.column(column)[:1024], column, tables[0].name, given)
