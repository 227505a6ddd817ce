"""Columns that a file's folders state: `day=2026-11-20/part-0.parquet`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from monitor.sources.nouns import File, Table


def with_partition(table: Table, file: File) -> Table:
    """The table with a text column for each folder `key=value` above its file.

    Where the file has the column itself, its own holds.
    """
    stated = {key: value for key, value in file.partition if key not in table.schema.names}
    if not stated:
        return table
    schema = pa.schema([*table.schema, *((key, pa.string()) for key in stated)])

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        inside = [name for name in names if name not in stated] or table.schema.names[:1]
        for batch in table.read(inside, n):
            yield pa.record_batch(
                [
                    pa.repeat(pa.scalar(stated[name], pa.string()), len(batch))
                    if name in stated
                    else batch.column(name)
                    for name in names
                ],
                names=list(names),
            )

    return replace(table, schema=schema, read=read)
