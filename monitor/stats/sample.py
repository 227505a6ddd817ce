"""Some rows kept by hash, and the rows farthest out, with their ids and columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.arrowed import arrow_numbers, numpy_numbers
from monitor.stats.base import Arrays, Rows, Statistic
from monitor.stats.tables import joined, order

Indices = npt.NDArray[np.intp]

FARTHEST = 32
COLUMN = "column."
"""Prefix of the user's columns, so that none collides with ours."""


@dataclass(frozen=True, eq=False)
class Sample(Statistic):
    """Two Arrow tables: `kept`, the `size` rows of smallest hash, and `farthest`, the 32 rows of
    greatest novelty. Vectors are not kept, only leading coordinates.

    Of samples of unlike size the sum has the smaller, as no more is known of the whole; one that
    keeps nothing (size 0) adds nothing.

    Fields: _hash uint64 of vector, id and time; _count int64, how many rows had this hash (exact,
    because a row among the smallest of the whole is among the smallest of each part);
    _content uint64 of the vector alone; _entity uint64, hash of whom the row belongs to; _at, _id,
    _text; _cluster int32; _novelty float32; _y fixed-size list of float32; and the user's columns
    behind `column.`.
    """

    size: int
    kept: pa.Table
    farthest: pa.Table

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        size = rows.shape.sample
        if not size:
            none = _table(rows, np.empty(0, np.intp))
            return cls(size, none, none)
        by_hash = np.argsort(rows.identities, kind="stable")
        outward = np.lexsort((rows.identities, -rows.novelty))
        kept = _leading(by_hash, rows.identities, size)
        farthest = _leading(outward, rows.identities, FARTHEST)
        return cls(size, _smallest(_table(rows, kept), size), _farthest(_table(rows, farthest)))

    def __add__(self, other: Self) -> Self:
        sizes = {self.size, other.size} - {0}
        size = min(sizes, default=0)
        return type(self)(
            size,
            _smallest(_joined(self.kept, other.kept), size),
            _farthest(_joined(self.farthest, other.farthest)),
        )

    def arrays(self) -> Arrays:
        return {
            "size": np.array(self.size),
            "kept": _to_bytes(self.kept),
            "farthest": _to_bytes(self.farthest),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(
            int(arrays["size"]), _from_bytes(arrays["kept"]), _from_bytes(arrays["farthest"])
        )

    def without(self, gone: Callable[[pa.Table], pa.Array]) -> Self:
        """The sample without the rows that `gone` is true of; nothing takes their place."""
        tables = self.kept, self.farthest
        kept, farthest = (table.filter(pc.invert(gone(table))).combine_chunks() for table in tables)
        return type(self)(self.size, kept, farthest)

    def rows(self) -> int:
        """How many rows `kept` stands for one by one."""
        return int(pc.sum(self.kept["_count"]).as_py() or 0)

    def distinct(self) -> int:
        """How many different vectors are in `kept`."""
        return int(pc.count_distinct(self.kept["_content"]).as_py())


def coordinates(table: pa.Table) -> npt.NDArray[np.float32]:
    """The leading coordinates (rows, leading) of a sample's table."""
    column = table["_y"].combine_chunks()
    width = column.type.list_size
    values = numpy_numbers(column.flatten())
    return np.asarray(values, np.float32).reshape(table.num_rows, width)


def _leading(order: Indices, identities: npt.NDArray[np.uint64], most: int) -> Indices:
    """Of rows in an order in which equal ones are neighbours, those of the first `most` kinds."""
    found = identities[order]
    kind = np.cumsum(np.append(True, found[1:] != found[:-1])[: len(found)])
    return order[kind <= most]


def _table(rows: Rows, chosen: Indices) -> pa.Table:
    leading = np.ascontiguousarray(rows.coordinates[chosen, : rows.shape.leading])
    own = {
        "_hash": arrow_numbers(rows.identities[chosen]),
        "_content": arrow_numbers(rows.hashes[chosen]),
        "_entity": arrow_numbers(rows.entities[chosen]),
        "_count": arrow_numbers(np.ones(len(chosen), np.int64)),
        "_cluster": arrow_numbers(rows.cluster[chosen].astype(np.int32)),
        "_novelty": arrow_numbers(rows.novelty[chosen]),
        "_y": pa.FixedSizeListArray.from_arrays(arrow_numbers(leading.ravel()), leading.shape[1]),
    }
    beside = rows.table.take(arrow_numbers(rows.order[chosen]))
    own |= {name: beside[name] for name in beside.column_names}
    names = sorted(own)
    return pa.Table.from_arrays([own[name] for name in names], names).combine_chunks()


def _joined(a: pa.Table, b: pa.Table) -> pa.Table:
    if not a.num_rows or not b.num_rows:
        return a if a.num_rows else b
    return joined(a, b)


def _smallest(table: pa.Table, size: int) -> pa.Table:
    return _distinct(table).slice(0, size).combine_chunks()


def _farthest(table: pa.Table) -> pa.Table:
    table = _distinct(table)
    if table.num_rows <= FARTHEST:
        return table.combine_chunks()
    order = pc.sort_indices(table, [("_novelty", "descending"), ("_hash", "ascending")])
    return table.take(order[:FARTHEST]).combine_chunks()


def _distinct(table: pa.Table) -> pa.Table:
    """One row per hash, in order of hash, their counts added up."""
    found = numpy_numbers(table["_hash"])
    by_hash = np.argsort(found, kind="stable")
    hashes = found[by_hash]
    fresh = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
    if fresh.all():
        return table.take(arrow_numbers(by_hash))
    own = [name for name in table.column_names if name.startswith(COLUMN)]
    table = table.take(order(table, ("_hash", "_id", "_at", "_text", "_entity", *own)))
    first = np.flatnonzero(fresh)
    counts = np.add.reduceat(numpy_numbers(table["_count"]), first)
    kept = table.take(arrow_numbers(first))
    return kept.set_column(kept.schema.get_field_index("_count"), "_count", arrow_numbers(counts))


def _to_bytes(table: pa.Table) -> npt.NDArray[np.uint8]:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return np.frombuffer(sink.getvalue(), np.uint8)


def _from_bytes(data: npt.NDArray[np.uint8]) -> pa.Table:
    with pa.ipc.open_stream(pa.py_buffer(data.tobytes())) as reader:
        return reader.read_all()
