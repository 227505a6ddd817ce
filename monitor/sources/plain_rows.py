"""Rows of a source without vectors: texts, categories and ratings, to be embedded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.address import address
from monitor.sources.faults import Notes, reading
from monitor.sources.files import files
from monitor.sources.layout import refuse_missing
from monitor.sources.memory import memory_table
from monitor.sources.nouns import File, Table
from monitor.sources.texts import clean_text

Opener = Callable[[File, Columns], Table]


def plain_rows(what: Any, names: Sequence[str], formats: Mapping[str, Opener]) -> pa.Table:
    """The columns of these names as strings, held whole; what they spell is made clean.

    what: a path, folder, glob or table in memory. Raises SourceError where a column is missing.
    """
    tables = _tables(what, formats)
    found, notes = [], Notes()
    for table in tables:
        refuse_missing(table.schema, names, table.name)
        with reading(table.name):
            for batch in table.read(list(dict.fromkeys(names)), 8192):
                cleaned = {n: clean_text(batch.column(n), n, notes) for n in batch.schema.names}
                found.append(pa.record_batch(cleaned))
    if not found:
        raise SourceError(f"{tables[0].name} holds no rows", "check how it was written")
    return pa.Table.from_batches(found)


def _tables(what: Any, formats: Mapping[str, Opener]) -> list[Table]:
    if not isinstance(what, str | Path):
        return [memory_table(what)]
    named = address(os.fspath(what))
    kind, found, _ = files(named.path, named.options)
    return [formats[kind](file, Columns()) for file in found]
