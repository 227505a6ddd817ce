"""Parquet files, streamed a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from monitor.errors import SourceError
from monitor.sources.faults import reading
from monitor.sources.limits import PIECE, refuse_bomb
from monitor.sources.nouns import Columns, File, Table
from monitor.sources.parquet_footer import promises
from monitor.sources.texts import is_text

_BUFFERS = 32 << 20


def parquet_table(file: File, columns: Columns) -> Table:
    """The table of a Parquet file. Raises SourceError where its footer is bad."""
    with reading(file.name):
        _refuse_cut(file)
        sizes = promises(file.path)
        with _opened(file, ()) as opened:
            schema, rows = opened.schema_arrow, opened.metadata.num_rows

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        texts = [name for name in names if is_text(schema.field(name).type)]
        promised = sum(sizes[path] for path in sizes if path and path[0] in names)
        refuse_bomb(file.name, promised, file.path.stat().st_size)
        n = min(n, _rows_of_piece(rows, promised))
        with reading(file.name), _opened(file, texts, len(names)) as opened:
            for batch in opened.iter_batches(n, columns=list(names)):
                yield batch.select(list(names))

    return Table(file.name, schema.remove_metadata(), rows, read)


def _opened(file: File, texts: Sequence[str], n_columns: int = 1) -> Any:
    """The file, set up to hold little.

    Buffering a whole row group ahead takes as much memory as the group. Texts are read as
    dictionaries, so that a long one that stands in every row is held once.
    """
    from pyarrow.parquet import ParquetFile

    return ParquetFile(
        file.path,
        pre_buffer=False,
        buffer_size=min(1 << 20, max(1 << 14, _BUFFERS // n_columns)),
        read_dictionary=list(texts),
        page_checksum_verification=True,
    )


def _refuse_cut(file: File) -> None:
    with open(file.path, "rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - 4))
        if stream.read(4) != b"PAR1" or size < 12:
            raise SourceError(
                f"{file.name} is cut short: it does not end as a Parquet file does",
                "write it again; its writer may still be at it",
            )


def _rows_of_piece(rows: int, promised: int) -> int:
    """Rows that decode to about PIECE bytes."""
    return max(1, PIECE * rows // max(1, promised))
