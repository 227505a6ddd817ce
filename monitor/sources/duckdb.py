"""DuckDB files: a table, or a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from monitor.model import Columns
from monitor.sources.extras import library
from monitor.sources.faults import reading
from monitor.sources.nouns import File, Table
from monitor.sources.queries import query_of, quoted, refused

TABLE_MEMORY, QUERY_MEMORY = "128MB", "1GB"
"""Pages that were read are kept up to this size, by default up to four fifths of the machine's
memory; a query may sort or group."""


def duckdb_table(file: File, columns: Columns) -> Table:
    """The table `?table=`, or the answer to `?query=`, of a DuckDB file opened for reading only.

    A query can read nothing but this file. Raises SourceError, MissingExtra.
    """
    library("duckdb", "duckdb")
    with _opened(file) as connection:
        found = connection.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'main' ORDER BY table_name"
        ).fetchall()
        query = query_of(file.name, dict(file.options), [name for (name,) in found])
        schema = connection.sql(f"SELECT * FROM ({query}\n) LIMIT 0").to_arrow_table().schema

    def read(names: Sequence[str], n: int) -> Iterator[pa.RecordBatch]:
        wanted = ", ".join(quoted(name) for name in names)
        with _opened(file) as connection:
            yield from connection.sql(f"SELECT {wanted} FROM ({query}\n)").to_arrow_reader(n)

    return Table(file.name, schema, None, read)


@contextmanager
def _opened(file: File) -> Iterator[Any]:
    duckdb = library("duckdb", "duckdb")
    # One thread, so that rows come in the same order each time.
    settings = {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "lock_configuration": True,
        "threads": 1,
        "memory_limit": QUERY_MEMORY if "query" in dict(file.options) else TABLE_MEMORY,
    }
    with reading(file.name):
        try:
            with duckdb.connect(str(file.path), read_only=True, config=settings) as connection:
                yield connection
        except duckdb.Error as error:
            raise refused(file.name, error) from error
