"""Parquet files, streamed a piece at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.faults import reading
from monitor.sources.limits import BOMB_TEXT, PIECE, refuse_bomb
from monitor.sources.nouns import File, Table
from monitor.sources.parquet_footer import promises
from monitor.sources.texts import is_text, spelling

_BUFFERS = 32 << 20


def parquet_table(file: File, columns: Columns) -> Table:
    """The table of a Parquet file. Raises SourceError where its footer is bad."""
    with reading(file.name):
        _refuse_cut(file)
        sizes = promises(file.path)
        with _opened(file) as opened:
            schema, rows = opened.schema_arrow, opened.metadata.num_rows
    longest: dict[str, int] = {}

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        texts = [name for name in names if is_text(schema.field(name).type)]
        with reading(file.name):
            promised, stored = _promised(sizes, names), file.path.stat().st_size
            refuse_bomb(file.name, promised, stored)
            refuse_bomb(file.name, _promised(sizes, texts), stored, BOMB_TEXT)
            if unknown := [name for name in texts if name not in longest]:
                longest.update(_longest(file, unknown))
            n = min(n, _fitting(rows, promised, max((longest[name] for name in texts), default=1)))
            with _opened(file, len(names)) as opened:
                for batch in opened.iter_batches(n, columns=list(names)):
                    yield batch.select(list(names))

    return Table(file.name, schema.remove_metadata(), rows, read)


def _promised(sizes: Mapping[tuple[str, ...], int], names: Sequence[str]) -> int:
    return sum(size for path, size in sizes.items() if path and path[0] in names)


def _opened(file: File, n_columns: int = 1, dictionaries: Sequence[str] = ()) -> Any:
    """The file, set up to hold little: buffering a row group ahead takes the memory of one."""
    from pyarrow.parquet import ParquetFile

    return ParquetFile(
        file.path,
        pre_buffer=False,
        buffer_size=min(1 << 20, max(1 << 14, _BUFFERS // n_columns)),
        read_dictionary=list(dictionaries),
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


def _fitting(rows: int, promised: int, longest: int) -> int:
    """Rows that decode to about PIECE bytes, and to no more than four times that."""
    return max(1, min(PIECE * rows // max(1, promised), 4 * PIECE // max(1, longest)))


def _longest(file: File, texts: Sequence[str]) -> dict[str, int]:
    """Bytes of the longest text in the dictionaries of each of these columns.

    A dictionary may hold a long text once that stands in every row. A row read as dictionaries
    brings the whole one of its row group along, unlike all rows read so: where the writer gave
    the dictionary up, Arrow goes on adding to it.
    """
    found = dict.fromkeys(texts, 0)
    with _opened(file, len(texts), texts) as opened:
        for group in range(opened.num_row_groups):
            for batch in opened.iter_batches(1, row_groups=[group], columns=list(texts)):
                for name in texts:
                    sizes = pc.binary_length(spelling(batch.column(name).dictionary))
                    found[name] = max(found[name], pc.max(sizes).as_py() or 0)
                break
    return found
