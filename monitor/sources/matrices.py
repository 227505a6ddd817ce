"""Files that hold several named arrays: which of them is meant, and its table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np
import pyarrow as pa

from monitor.errors import SchemaError, SourceError
from monitor.sources.faults import printable
from monitor.sources.nouns import File, Table

_SHOWN = 12


@dataclass(frozen=True)
class Named:
    """An array in a file: its name, shape, and type as its format calls it."""

    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def usable(self) -> bool:
        """Whether its rows could be vectors."""
        return len(self.shape) == 2


def chosen(file: File, arrays: Sequence[Named], usual: Sequence[str] = ()) -> str:
    """The array that `#NAME` or `#GLOB` means, else the only one of shape (n, d).

    usual: patterns of names to prefer where several could be meant. Raises SourceError.
    """
    asked = file.option("part")
    matrices = [a.name for a in arrays if a.usable]
    if asked is not None:
        exact = [a.name for a in arrays if a.name == asked]
        found = exact or [n for n in matrices if fnmatchcase(n, asked)]
    else:
        liked = [[n for n in matrices if fnmatchcase(n, pattern)] for pattern in usual]
        found = next((n for n in (matrices, *liked) if len(n) == 1), matrices)
    if len(found) == 1:
        return found[0]
    what = "no array" if not found else f"{len(found)} arrays"
    which = f"that {printable(asked)!r} means" if asked else "of shape (n, d)"
    raise SchemaError(f"{file.name} has {what} {which}", f"name one with #NAME; {_listed(arrays)}")


def without_padding(table: Table, file: File) -> Table:
    """The table, the row that `?padding=ROW` names being null."""
    asked = file.option("padding")
    if asked is None:
        return table
    if not asked.isdigit() or not int(asked) < (table.rows or 0):
        raise SourceError(
            f"{table.name} has no row {printable(asked)!r} that could be padding",
            f"padding= takes a row number from 0 to {(table.rows or 0) - 1}",
        )
    row, vector = int(asked), table.schema.names[0]

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        start = 0
        for batch in table.read(names, n):
            at = row - start
            start += batch.num_rows
            if 0 <= at < batch.num_rows and vector in names:
                batch = _nulled(batch, vector, at)
            yield batch

    return replace(table, read=read, array=None)


def _nulled(batch: pa.RecordBatch, column: str, row: int) -> pa.RecordBatch:
    keep = np.ones(batch.num_rows, bool)
    keep[row] = False
    at = batch.schema.get_field_index(column)
    lists = batch.column(at)
    found = pa.FixedSizeListArray.from_arrays(
        lists.flatten(), lists.type.list_size, mask=pa.array(~keep)
    )
    return batch.set_column(at, batch.schema.field(at), found)


def _listed(arrays: Sequence[Named]) -> str:
    shown = [
        f"{printable(a.name)} {'×'.join(map(str, a.shape))} {a.dtype}" for a in arrays[:_SHOWN]
    ]
    more = f" and {len(arrays) - _SHOWN} more" if len(arrays) > _SHOWN else ""
    return f"it has: {', '.join(shown)}{more}" if shown else "it has none"
