"""CSV, streamed a block at a time: one column per dimension, or vectors as JSON lists.

A CSV has no types, so every column but those of a vector is text: `007` stays `007`, and what a
later block holds cannot change what an earlier one meant.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.faults import printable, reading
from monitor.sources.kinds import packing, unpacked
from monitor.sources.layout import runs
from monitor.sources.limits import BLOCK
from monitor.sources.nouns import File, Table
from monitor.sources.vectors import is_number


def csv_table(file: File, columns: Columns) -> Table:
    """The table of a CSV whose first line names the columns. Raises SourceError."""
    with reading(file.name):
        mark = _delimiter(file)
        first, rows = _first_block(file, mark)
        schema = _typed(first)

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        kinds = {name: schema.field(name).type for name in names}
        with reading(file.name), _opened(file, mark, kinds) as opened:
            for batch in opened:
                yield pa.record_batch([_empty_is_null(c) for c in batch.columns], batch.schema)

    return Table(file.name, schema, rows, read, warnings=_odd_end(file))


def _first_block(file: File, mark: str) -> tuple[pa.Schema, int | None]:
    """Columns with the types that the first block suggests; 0 rows where there are none."""
    with _opened(file, mark, None) as opened:
        first = next((batch for batch in opened if batch.num_rows), None)
        return opened.schema, None if first is not None else 0


def _typed(first: pa.Schema) -> pa.Schema:
    """Numbers that count up are dimensions of a vector, the rest is text."""
    numbers = [f.name for f in first if is_number(f.type)]
    wide = {name for names in runs(numbers).values() for name in names}
    return pa.schema([(f.name, pa.float32() if f.name in wide else pa.string()) for f in first])


@contextmanager
def _opened(file: File, mark: str, kinds: dict[str, pa.DataType] | None) -> Iterator[Any]:
    """A streaming reader of the columns of `kinds`; None for all, of types that fit."""
    from pyarrow import csv as arrow_csv

    convert = arrow_csv.ConvertOptions(
        check_utf8=False, column_types=kinds, include_columns=list(kinds) if kinds else None
    )
    parse = arrow_csv.ParseOptions(delimiter=mark, newlines_in_values=True)
    with unpacked(file.path) as stream:
        try:
            # One thread is as fast here, and its errors name the row on every machine.
            read = arrow_csv.ReadOptions(block_size=BLOCK, use_threads=False)
            with arrow_csv.open_csv(stream, read, parse, convert) as reader:
                yield reader
        except pa.ArrowInvalid as error:
            raise _readable(file, str(error)) from error


def _readable(file: File, error: str) -> SourceError:
    if "straddl" in error:
        return SourceError(
            f"{file.name} has a row longer than {BLOCK >> 20} MiB",
            "a quote that is not closed may run to the end of the file",
        )
    hint = "it may be cut short or damaged; write it again"
    if "conversion error" in error:
        hint = "columns of a vector hold numbers alone; leave missing ones empty"
    return SourceError(f"{file.name} cannot be read: {printable(error.splitlines()[0])}", hint)


def _empty_is_null(column: pa.Array) -> pa.Array:
    if not pa.types.is_string(column.type):
        return column
    raw = column.view(pa.binary())
    return pc.if_else(pc.equal(pc.binary_length(raw), 0), None, raw).view(pa.string())


def _odd_end(file: File) -> tuple[str, ...]:
    """A file cut inside its last value looks whole but for the missing end of the line."""
    with reading(file.name), open(file.path, "rb") as stream:
        if packing(stream.read(4)):
            return ()  # a stream cut short does not unpack
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) in b"\r\n":
            return ()
    return (f"{file.name}: the last line has no end; if the file is cut short, its value is wrong",)


def _delimiter(file: File) -> str:
    """What the first line has most of: comma, tab or semicolon."""
    with unpacked(file.path) as stream:
        line = stream.readline(BLOCK).decode("utf-8", "replace")
    return max(",\t;", key=line.count)
