"""SQLite files: a table, or a query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from monitor.model import Columns
from monitor.sources.faults import reading
from monitor.sources.nouns import File, Table
from monitor.sources.queries import query_of, refused, rows_table

_ALLOWED = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_FUNCTION,
    sqlite3.SQLITE_RECURSIVE,
}


def sqlite_table(file: File, columns: Columns) -> Table:
    """The table `?table=`, or the answer to `?query=`, of a SQLite file opened for reading only.

    Vectors are JSON text, or bytes of float32 in the vector's column. Raises SourceError.
    """
    with _opened(file) as connection:
        found = connection.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
    query = query_of(file.name, dict(file.options), [name for (name,) in found])

    @contextmanager
    def run() -> Iterator[tuple[Sequence[str], Iterator[Sequence[Any]]]]:
        with _opened(file) as connection:
            cursor = connection.execute(query)
            yield [column[0] for column in cursor.description or ()], cursor

    return rows_table(file.name, run, columns)


@contextmanager
def _opened(file: File) -> Iterator[sqlite3.Connection]:
    """A connection that can read this file and do nothing else."""
    with reading(file.name):
        try:
            address = f"{file.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True)) as connection:
                connection.text_factory = _text
                connection.set_authorizer(_judged)
                yield connection
        except sqlite3.Error as error:
            raise refused(file.name, error) from error


def _text(raw: bytes) -> str:
    """Text of a database, stray bytes replaced."""
    return raw.decode("utf-8", "replace")


def _judged(action: int, *_: object) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
