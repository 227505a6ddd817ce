"""Arrow tables of sampled rows put together and put in order, whatever the types of columns."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

_UNSORTABLE = (
    *(pa.types.is_nested, pa.types.is_dictionary, pa.types.is_float16, pa.types.is_interval),
    *(pa.types.is_string_view, pa.types.is_binary_view),
)


def joined(a: pa.Table, b: pa.Table) -> pa.Table:
    """The rows of both, columns by name; a column that one side lacks is null there.

    A column of another type on either side becomes double where both are numbers, else text,
    because a file of the next day may well hold `7` where this day's holds `n/a`.
    """
    for name in set(a.column_names) & set(b.column_names):
        kinds = a.schema.field(name).type, b.schema.field(name).type
        if kinds[0] != kinds[1] and pa.null() not in kinds:
            number = all(pa.types.is_integer(k) or pa.types.is_floating(k) for k in kinds)
            a, b = (_as(side, name, pa.float64() if number else pa.string()) for side in (a, b))
    both = pa.concat_tables([a, b], promote_options="default")
    return both.select(sorted(both.column_names))


def order(table: pa.Table, columns: Iterable[str]) -> pa.Array:
    """Indices that sort the rows by those of `columns` that have an order, ascending."""
    kinds = {field.name: field.type for field in table.schema}
    keys = [name for name in columns if not any(kind(kinds[name]) for kind in _UNSORTABLE)]
    return pc.sort_indices(table, [(name, "ascending") for name in keys])


def _as(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    column = table[name]
    try:
        # Numbers may lose digits past 2**53, but bytes that are no text may not pass for it.
        column = column.cast(kind, safe=pa.types.is_string(kind))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):  # lists, records, bytes
        column = pa.array([None if v is None else str(v) for v in column.to_pylist()], kind)
    return table.set_column(table.schema.get_field_index(name), name, column)
