"""Sources: a path, folder, glob or object in memory as a stream of `Batch`.

source = open_source("items/*.parquet", Columns(at="ts", timezone="UTC"))
for batch in source.batches():
    ...
"""

from __future__ import annotations

import os
import re
import tempfile
import weakref
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Literal

import pyarrow as pa

from monitor.batch import Items
from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.address import address
from monitor.sources.arrow_ipc import arrow_file_table, arrow_stream_table
from monitor.sources.chroma import chroma_table
from monitor.sources.csv import csv_table
from monitor.sources.digest import digest_of_batches, digest_of_files
from monitor.sources.duckdb import duckdb_table
from monitor.sources.faiss import faiss_table
from monitor.sources.faults import printable, reading
from monitor.sources.files import files
from monitor.sources.hdf5 import hdf5_table
from monitor.sources.items import items_of
from monitor.sources.jsonl import jsonl_table
from monitor.sources.lance import lance_table, lancedb_path
from monitor.sources.memory import memory_table
from monitor.sources.milvus import milvus_table
from monitor.sources.nouns import File, Source, Table
from monitor.sources.npy import npy_table, npz_table
from monitor.sources.parquet import parquet_table
from monitor.sources.partitions import with_partition
from monitor.sources.plain_rows import plain_rows
from monitor.sources.postgres import open_postgres
from monitor.sources.remote import SCHEMES as REMOTE
from monitor.sources.remote import remote_files
from monitor.sources.safetensors import safetensors_table
from monitor.sources.sparse_npz import sparse_npz_table
from monitor.sources.sqlite import sqlite_table
from monitor.sources.stdin import stdin_files
from monitor.sources.tables import source_of_tables
from monitor.sources.torch import torch_table
from monitor.sources.vecs import vecs_table
from monitor.sources.word_binary import word_binary_table
from monitor.sources.word_text import word_text_table

__all__ = ["FORMATS", "Columns", "Source", "open_source", "read_columns", "read_items"]

FORMATS: dict[str, Callable[[File, Columns], Table]] = {
    "parquet": parquet_table,
    "arrow": arrow_file_table,
    "arrow stream": arrow_stream_table,
    "csv": csv_table,
    "jsonl": jsonl_table,
    "npy": npy_table,
    "npz": npz_table,
    "sparse npz": sparse_npz_table,
    "safetensors": safetensors_table,
    "torch": torch_table,
    "hdf5": hdf5_table,
    "words": word_text_table,
    "binary words": word_binary_table,
    "vecs": vecs_table,
    "sqlite": sqlite_table,
    "duckdb": duckdb_table,
    "lance": lance_table,
    "faiss": faiss_table,
    "chroma": chroma_table,
    "milvus": milvus_table,
}
"""How a file of each format becomes a table; `kinds.py` tells the format by content."""

OPTIONS: dict[str, tuple[str, ...]] = {
    "safetensors": ("part", "padding"),
    "torch": ("part", "padding"),
    "hdf5": ("part", "padding"),
    "sqlite": ("table", "query"),
    "duckdb": ("table", "query"),
    "lance": ("version",),
    "chroma": ("part",),
    "milvus": ("part",),
}
"""What may stand behind the path of a file of each format; see `address.py`."""

CHANGING = ("sqlite", "duckdb", "lance", "chroma", "milvus")
"""Formats of which the same rows may lie in other bytes, or in other files."""

ALL_FOUND = Columns()
"""No column named: vectors and ids are found by themselves."""

GROUP = "embmon.sources"
"""Entry points of other packages: a URL's scheme to `(url, columns, *, dim) -> Source`."""


def open_source(
    what: str | Path | object, columns: Columns = ALL_FOUND, *, dim: int | None = None
) -> Source:
    """`what` as a source: a path, folder, glob, URL of a plug-in, or object in memory.

    dim: the dimension that is expected; where the type of the column states another one,
    DimensionError. Raises SourceError, its message fit to print, for all that cannot be read;
    no row has been read by then, but those that tell the dimension.
    """
    if not isinstance(what, str | os.PathLike):
        table = memory_table(what)
        with reading(table.name):
            return source_of_tables(table.name, [table], columns, dim, digest_of_batches)
    text = os.fspath(what)
    if text == "-":
        return _of_fetched("standard input", columns, dim, stdin_files)
    if text.startswith("lancedb://"):
        text = lancedb_path(text)
    scheme = re.match(r"([a-z][a-z0-9+.-]*)://", text, re.IGNORECASE)
    if scheme and not os.path.exists(text):
        return _of_scheme(scheme[1].lower(), text, columns, dim)
    return _of_files(text, columns, dim)


def read_items(
    what: Source | str | Path | object,
    columns: Columns = ALL_FOUND,
    *,
    dim: int | None = None,
    metric: Literal["cosine", "ip", "l2"] = "cosine",
) -> Items:
    """The whole of a source, or of what `open_source` takes, as `Items`.

    ids are the row numbers where there is no id column. Vectors are float32, rows without a
    vector NaN; float32 and float16 arrays are passed on as they lie, memory-mapped from files.
    """
    source = what if isinstance(what, Source) else open_source(what, columns, dim=dim)
    return items_of(source, metric)


def read_columns(what: str | Path | object, names: Sequence[str]) -> pa.Table:
    """Columns of a file, folder, glob or table in memory as strings, held whole.

    They need no vectors beside them. Raises SourceError where one is missing.
    """
    return plain_rows(what, names, FORMATS)


def _of_files(what: str, columns: Columns, dim: int | None) -> Source:
    named = address(what)
    return _of_found(what, columns, dim, *files(named.path, named.options))


def _of_fetched(
    what: str,
    columns: Columns,
    dim: int | None,
    fetch: Callable[[Path], tuple[str, list[File], list[str]]],
) -> Source:
    """A source of files that are put into a folder, which goes when the source does."""
    folder = tempfile.TemporaryDirectory(prefix="embmon-")
    try:
        source = _of_found(what, columns, dim, *fetch(Path(folder.name)))
    except BaseException:
        folder.cleanup()
        raise
    weakref.finalize(source, folder.cleanup)
    return source


def _of_found(
    what: str, columns: Columns, dim: int | None, kind: str, found: list[File], warnings: list[str]
) -> Source:
    _refuse_options(kind, found[0])
    tables = [_table(FORMATS[kind], file, columns) for file in found]
    name = printable(what)
    by_content = found[0].options or kind in CHANGING
    with reading(name):
        source = source_of_tables(
            name,
            tables,
            columns,
            dim,
            digest_of_batches if by_content else lambda batches: digest_of_files(found),
        )
    source.opening = [*warnings, *source.opening]
    return source


def _refuse_options(kind: str, file: File) -> None:
    known = OPTIONS.get(kind, ())
    for name, value in file.options:
        if name not in known:
            written = {"part": f"#{value}", "version": f"@{value}"}.get(name, f"?{name}=")
            shown = ", ".join("#NAME" if n == "part" else f"?{n}=" for n in known) or "nothing"
            raise SourceError(
                f"{file.name} is of format {kind}, behind which {printable(written)} means nothing",
                f"behind its path may stand: {shown}",
            )


def _table(opener: Callable[[File, Columns], Table], file: File, columns: Columns) -> Table:
    with reading(file.name):
        table = opener(file, columns)
        if not table.schema.names and table.rows != 0:  # names are decoded here, and may be bad
            raise SourceError(f"{file.name} has no columns", "check how it was written")
    return with_partition(table, file)


def _of_scheme(scheme: str, url: str, columns: Columns, dim: int | None) -> Source:
    if scheme in REMOTE:
        return _of_fetched(url, columns, dim, lambda folder: remote_files(url, folder))
    if scheme in ("postgresql", "postgres"):
        return open_postgres(url, columns, dim=dim)
    return _of_plugin(scheme, url, columns, dim)


def _of_plugin(scheme: str, url: str, columns: Columns, dim: int | None) -> Source:
    for entry in entry_points(group=GROUP):
        if entry.name == scheme:
            found: Source = entry.load()(url, columns, dim=dim)
            return found
    # The rest of a URL may hold a password.
    raise SourceError(
        f"nothing here reads {printable(scheme)}:// addresses",
        "give a path, folder or glob of local files, or install a plug-in that reads them",
    )
