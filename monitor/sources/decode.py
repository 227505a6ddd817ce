"""A record batch as a `Batch`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo

import pyarrow as pa

from monitor.batch import Batch, Float32
from monitor.sources.faults import Notes
from monitor.sources.layout import Layout
from monitor.sources.texts import clean_text, is_text, plain
from monitor.sources.times import utc
from monitor.sources.vector_text import lists_of_text
from monitor.sources.vectors import Status, vectors_of_columns, vectors_of_lists


@dataclass(frozen=True)
class Decoder:
    """How the record batches of a source become batches; `kept` are the types of kept columns."""

    layout: Layout
    dim: int
    zone: tzinfo | None
    kept: dict[str, pa.DataType]

    def batch(self, raw: pa.RecordBatch, name: str, notes: Notes) -> Batch:
        """The rows of `raw`, which holds the wanted columns and is of the table `name`."""
        layout = self.layout
        vectors, status = self._vectors(raw, notes)
        texts: dict[str, pa.StringArray] = {}
        for column in (layout.id, layout.entity, layout.text):
            if column and column not in texts:
                texts[column] = clean_text(raw.column(column), column, notes)
        at = None
        if layout.at:
            at = utc(raw.column(layout.at), layout.at, name, self.zone, notes)
        carried = {
            column: texts[column] if column in texts else self._kept(raw, column, notes)
            for column in layout.keep
        }
        return Batch(
            vectors=vectors,
            status=status,
            ids=texts[layout.id] if layout.id else None,
            at=at,
            entities=texts[layout.entity] if layout.entity else None,
            columns=carried,
        )

    def _vectors(self, raw: pa.RecordBatch, notes: Notes) -> tuple[Float32, Status]:
        if self.layout.wide:
            return vectors_of_columns([raw.column(name) for name in self.layout.vector])
        column = self.layout.vector[0]
        return vectors_of_lists(lists(raw.column(column), column, notes), self.dim)

    def _kept(self, raw: pa.RecordBatch, column: str, notes: Notes) -> pa.Array:
        """A kept column in the one type it has all through the source."""
        found, kind = plain(raw.column(column)), self.kept[column]
        if pa.types.is_string(kind):
            return clean_text(found, column, notes)
        if pa.types.is_dictionary(found.type):
            found = found.dictionary_decode()
        try:
            return found.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            values = [_one(value, kind) for value in found]
            lost = sum(v is None for v in values) - found.null_count
            notes.add(column, lost, "value", f"not of type {kind}; they count as missing")
            return pa.array(values, kind)


def lists(array: pa.Array, column: str, notes: Notes) -> pa.Array:
    """A vector column as lists, whether it holds lists or their text."""
    return lists_of_text(array, column, notes) if is_text(plain(array).type) else array


def kept_type(kind: pa.DataType) -> pa.DataType:
    """The type in which a column of this type is carried: strings for all that is text."""
    if isinstance(kind, pa.BaseExtensionType):
        return pa.string()
    if pa.types.is_dictionary(kind):
        return kept_type(kind.value_type)
    if is_text(kind) or pa.types.is_fixed_size_binary(kind) or pa.types.is_null(kind):
        return pa.string()
    return kind


def _one(value: pa.Scalar, kind: pa.DataType) -> pa.Scalar | None:
    try:
        return value.cast(kind)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
