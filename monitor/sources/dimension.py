"""The dimension of the vectors: stated by the type, else what most rows have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from monitor.errors import DimensionError, SchemaError, SourceError
from monitor.sources.decode import lists
from monitor.sources.faults import Notes, reading
from monitor.sources.layout import Layout, width
from monitor.sources.limits import LONGEST_SAMPLE, checked_dim
from monitor.sources.nouns import Table
from monitor.sources.vectors import fixed_dim, lengths

_PEEK = 256


def dimension(tables: Sequence[Table], layout: Layout, given: int | None, name: str) -> int:
    """The dimension of a source of these tables.

    Where the type does not state it, it is `given`, else the most frequent length of the first
    8192 vectors. Raises DimensionError where `given` is another than the type states, or where
    the vectors of two tables differ; SourceError where nothing tells the dimension.
    """
    if layout.wide:
        _refuse_unlike({t.name: width(t.schema, layout.vector[0]) for t in tables})
        found = len(layout.vector)
        refuse_other(found, given, name)
        return checked_dim(found, name)
    column = layout.vector[0]
    stated = {t.name: fixed_dim(t.schema.field(column).type) for t in tables}
    ragged = [t for t in tables if stated[t.name] is None]
    if len(tables) > 1:
        stated |= {t.name: _usual([t], column, _PEEK) for t in ragged}
    _refuse_unlike({name: d for name, d in stated.items() if d is not None})
    if len(ragged) < len(tables):
        found = next(d for d in stated.values() if d is not None)
        refuse_other(found, given, name)
    else:
        found = (
            given or _usual(tables, column, LONGEST_SAMPLE) or _refuse_empty(tables, column, name)
        )
    return checked_dim(found, name)


def refuse_other(found: int, given: int | None, name: str) -> None:
    """Raise DimensionError where a dimension is `given` and is not the one found."""
    if given is not None and given != found:
        raise DimensionError(
            f"{name} holds vectors of dimension {found}, not {given}",
            "name another column with --vector, or correct the dimension of the space",
        )


def _usual(tables: Sequence[Table], column: str, n: int) -> int | None:
    """The most frequent length among the first `n` lists; None where there are none."""
    counts: Counter[int] = Counter()
    for found in _lengths(tables, column, n):
        counts.update(found[: n - counts.total()].tolist())
        if counts.total() >= n:
            break
    return counts.most_common(1)[0][0] if counts else None


def _lengths(tables: Sequence[Table], column: str, n: int) -> Iterator[npt.NDArray[np.int64]]:
    for table in tables:
        for raw in table.read([column], n):
            for start in range(0, raw.num_rows, n):
                with reading(table.name):
                    found = lengths(lists(raw.column(column).slice(start, n), column, Notes()))
                yield found


def _refuse_unlike(found: dict[str, int]) -> None:
    for name, dim in found.items():
        first, usual = next(iter(found.items()))
        if dim != usual:
            raise DimensionError(
                f"{first} holds vectors of dimension {usual} and {name} of dimension {dim}",
                "read them as two sources",
            )


def _refuse_empty(tables: Sequence[Table], column: str, name: str) -> int:
    found = [raw.column(column) for t in tables for raw in t.read([column], 1)]
    if any(array.null_count < len(array) for array in found):
        raise SchemaError(
            f"{column!r} of {name} holds no list of numbers",
            "write vectors as lists, in text as JSON such as [0.1, -0.2]",
        )
    what = f"no vectors: {column!r} is null in every row" if any(map(len, found)) else "no rows"
    raise SourceError(f"{name} holds {what}", "check how it was written")
