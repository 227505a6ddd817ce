"""Which columns of a table are the vectors, ids, times and the rest."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from monitor.errors import SchemaError
from monitor.model import Columns
from monitor.sources.faults import printable
from monitor.sources.texts import is_single, is_text
from monitor.sources.vectors import is_number, is_vector

USUAL = ("embedding", "embeddings", "vector", "vectors", "vec")
"""Names, in any case, that tell which of several columns holds the vectors."""

_LISTED = 20
_NAMES_ITEMS = re.compile(r"(?i:(^|_)(id|key|uuid|guid)$)|[a-z](Id|ID|Key)$")


@dataclass(frozen=True)
class Layout:
    """Columns by their part; `vector` names one column of lists or one column per dimension."""

    vector: tuple[str, ...]
    wide: bool
    id: str | None
    at: str | None
    entity: str | None
    text: str | None
    keep: tuple[str, ...]

    @property
    def beside(self) -> tuple[str, ...]:
        """The columns to read beside the vectors, each once."""
        named = (self.id, self.at, self.entity, self.text)
        return tuple(dict.fromkeys((*(n for n in named if n), *self.keep)))

    @property
    def wanted(self) -> tuple[str, ...]:
        """All columns to read, each once."""
        return tuple(dict.fromkeys((*self.vector, *self.beside)))


def layout(schema: pa.Schema, columns: Columns, name: str) -> Layout:
    """The parts of the table `name`, as asked for or found. Raises SchemaError."""
    vector, wide = _vector(schema, columns.vector, name)
    asked = (columns.id, columns.at, columns.entity, columns.text)
    for column in asked:
        if column is not None:
            refuse_missing(schema, [column], name)
            _refuse_nested(schema, column, name)
    singles = [f.name for f in schema if is_single(f.type) and f.name not in vector]
    found = columns.id or _id(schema, singles, columns, name)
    carried = [n for n in (columns.entity, columns.text) if n]
    if "*" in columns.keep:
        kept = [n for n in singles if n != found]
    else:
        refuse_missing(schema, columns.keep, name)
        for column in columns.keep:
            _refuse_nested(schema, column, name)
        kept = list(columns.keep)
    keep = tuple(dict.fromkeys([*carried, *kept]))
    layout = Layout(vector, wide, found, columns.at, columns.entity, columns.text, keep)
    refuse_missing(schema, layout.wanted, name)
    return layout


def runs(names: Iterable[str]) -> dict[str, list[str]]:
    """Columns that count up from 0 or 1 behind a common prefix, in that order, by the prefix.

    >>> runs(["id", "dim_1", "dim_0", "dim_2", "year2020"])
    {'dim_': ['dim_0', 'dim_1', 'dim_2']}
    """
    numbered: dict[str, dict[int, str]] = defaultdict(dict)
    for name in names:
        found = re.fullmatch(r"(.*?)(\d{1,9})", name, re.ASCII | re.DOTALL)
        if found:
            numbered[found[1]].setdefault(int(found[2]), name)
    return {
        prefix: [at[i] for i in sorted(at)]
        for prefix, at in numbered.items()
        if len(at) > 1 and min(at) in (0, 1) and max(at) - min(at) == len(at) - 1
    }


def refuse_missing(schema: pa.Schema, names: Iterable[str], name: str) -> None:
    """Raise SchemaError for a column that the table lacks or has twice."""
    for column in names:
        n = len(schema.get_all_field_indices(column))
        if n > 1:
            raise SchemaError(f"{name} has {n} columns named {column!r}", "rename all but one")
        if not n:
            near = difflib.get_close_matches(column, schema.names, 1)
            did = f"did you mean {near[0]!r}? " if near else ""
            raise SchemaError(f"{name} has no column {column!r}", did + listed(schema))


def listed(schema: pa.Schema) -> str:
    """The columns with their types, the first 20 of them."""
    shown = [f"{printable(f.name)} ({printable(f.type)})" for f in list(schema)[:_LISTED]]
    more = f" and {len(schema) - _LISTED} more" if len(schema) > _LISTED else ""
    return f"its columns: {', '.join(shown)}{more}"


def _refuse_nested(schema: pa.Schema, column: str, name: str) -> None:
    kind = schema.field(column).type
    if not is_single(kind):
        raise SchemaError(
            f"{column!r} of {name} is of type {printable(kind)}, not of single values",
            "only the vector column may hold lists",
        )


def _vector(schema: pa.Schema, asked: str | None, name: str) -> tuple[tuple[str, ...], bool]:
    """The vector's columns, and whether they are one for each dimension."""
    if asked is not None:
        return _asked(schema, asked, name)
    lists = [f.name for f in schema if is_vector(f.type)]
    usual = [f.name for f in schema if f.name.lower() in USUAL and _may_hold(f.type)]
    for found in (lists, [n for n in usual if n in lists], [] if lists else usual):
        if len(found) == 1:
            return (found[0],), False
    wide = list(_runs(schema).values())
    if len(wide) == 1 and not lists:
        return tuple(wide[0]), True
    several = len(lists) > 1 or len(wide) > 1
    raise SchemaError(
        f"{name} has {'several columns that may be' if several else 'no column of'} vectors",
        f"name it with --vector NAME; {listed(schema)}",
    )


def _id(schema: pa.Schema, singles: list[str], columns: Columns, name: str) -> str | None:
    """The column of ids: `id`; where rows are items, also the one named like `doc_id`. Items that
    were paired by their place for want of a name would be compared with others, and nobody would
    know."""
    named = [n for n in singles if n.lower() == "id"]
    if not named and columns.items:
        taken = (columns.at, columns.entity, columns.text)
        named = [n for n in singles if n not in taken and _NAMES_ITEMS.search(n)]
    if len(named) > 1:
        shown = ", ".join(repr(printable(n)) for n in named)
        raise SchemaError(
            f"{name} has several columns that may be the items' ids: {shown}",
            f"name it with --id NAME; {listed(schema)}",
        )
    return named[0] if named else None


def _asked(schema: pa.Schema, asked: str, name: str) -> tuple[tuple[str, ...], bool]:
    wide = _runs(schema).get(asked)
    if wide and asked not in schema.names:
        return tuple(wide), True
    refuse_missing(schema, [asked], name)
    kind = schema.field(asked).type
    if not _may_hold(kind):
        raise SchemaError(
            f"{asked!r} of {name} is of type {printable(kind)}, not a list of numbers",
            "name another column with --vector; " + listed(schema),
        )
    return (asked,), False


def width(schema: pa.Schema, first: str) -> int:
    """How many columns of numbers count up from the column `first`."""
    return next((len(names) for names in _runs(schema).values() if names[0] == first), 0)


def _runs(schema: pa.Schema) -> dict[str, list[str]]:
    return runs(f.name for f in schema if is_number(f.type))


def _may_hold(kind: pa.DataType) -> bool:
    return is_vector(kind) or is_text(kind) or bool(pa.types.is_null(kind))
