"""Lance data sets, and tables of LanceDB, at any of their versions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.extras import library
from monitor.sources.faults import panicked, printable, reading
from monitor.sources.nouns import File, Table

AHEAD = 32 << 20
"""Bytes that are read ahead of what is decoded; Lance's own 2 GiB would hold most files whole."""


def lance_table(file: File, columns: Columns) -> Table:
    """The table of a Lance data set, `@v12` its version 12. Raises SourceError, MissingExtra."""
    lance = library("lance", "lance")
    version = file.option("version")
    with _said(file):
        found = lance.dataset(str(file.path))
        known = {entry["version"] for entry in found.versions()}
        tags = {name: tag["version"] for name, tag in found.tags.list().items()}
        number = tags.get(version) if version in tags else version
        if version is not None and str(number) not in map(str, known):
            raise SourceError(
                f"{file.name} has no version {printable(version)!r}",
                f"it has {min(known)} to {max(known)}"
                + (f", and the tags {', '.join(map(printable, tags))}" if tags else ""),
            )
        if version is not None:
            found = found.checkout_version(int(str(number)))
        schema, rows = found.schema, found.count_rows()

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        with _said(file):
            scanned = found.scanner(
                columns=list(names), batch_size=n, scan_in_order=True, io_buffer_size=AHEAD
            )
            for batch in scanned.to_batches():
                yield batch.select(list(names))

    return Table(file.name, schema.remove_metadata(), rows, read)


def lancedb_path(url: str) -> str:
    """The path of a table of LanceDB, `lancedb://FOLDER/TABLE@v12`.

    >>> lancedb_path("lancedb://shop/items@v12")
    'shop/items.lance@v12'
    """
    path, at, version = url.removeprefix("lancedb://").partition("@")
    return f"{path}.lance{at}{version}"


@contextmanager
def _said(file: File) -> Iterator[Any]:
    """What Lance says of a damaged data set, in its various ways."""
    with reading(file.name):
        try:
            yield
        except BaseException as error:
            if isinstance(error, RuntimeError) or panicked(error):
                raise ValueError(str(error)) from error
            raise
