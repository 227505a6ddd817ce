"""PostgreSQL: a query by a server-side cursor; pgvector's `vector` and `halfvec` are lists."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from monitor.errors import SourceError
from monitor.model import Columns
from monitor.sources.digest import digest_of_batches
from monitor.sources.extras import library
from monitor.sources.faults import printable
from monitor.sources.nouns import Source
from monitor.sources.queries import quoted, refused, rows_table
from monitor.sources.tables import source_of_tables

STATEMENT_S = 600
"""Longest time the server may take for one statement, in seconds."""

CONNECT_S = 10
FETCHED = 2000
"""Rows that are fetched at a time."""
_MAY = """
SELECT current_user, CASE
    WHEN current_setting('is_superuser') = 'on' THEN 'is a superuser'
    WHEN EXISTS (
        SELECT FROM pg_class WHERE relkind IN ('r', 'p')
        AND relnamespace::regnamespace::text !~ '^pg_|^information_schema$'
        AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    ) THEN 'may write tables'
END
"""


def open_postgres(url: str, columns: Columns, *, dim: int | None = None) -> Source:
    """The answer to `postgresql://…?query=SELECT …`, or the table `?table=schema.name`.

    One read-only transaction for each reading; passwords come from the URL, from `PGPASSWORD` or
    from `~/.pgpass`, and are never shown. Raises SourceError, MissingExtra.
    """
    address, query = _taken_apart(url)
    name = _name(address)
    warnings: list[str] = []

    @contextmanager
    def run() -> Iterator[tuple[Sequence[str], Iterator[Sequence[Any]]]]:
        psycopg = library("psycopg", "postgres")
        try:
            with psycopg.connect(address, connect_timeout=CONNECT_S) as connection:
                connection.read_only = True
                connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_S}s'")
                warnings[:] = _writable(connection, name)
                with connection.cursor("embmon") as cursor:
                    cursor.itersize = FETCHED
                    # With parameters, even none, the server takes one statement only.
                    cursor.execute(query.replace("%", "%%"), ())
                    yield [column.name for column in cursor.description], iter(cursor)
        except psycopg.Error as error:
            raise refused(name, error) from error

    table = rows_table(name, run, columns)
    source = source_of_tables(name, [table], columns, dim, digest_of_batches)
    source.opening = [*warnings, *source.opening]
    return source


def _taken_apart(url: str) -> tuple[str, str]:
    """The address of the database, and the query: it stands last, as it is."""
    found = re.fullmatch(r"(.*?)[?&](query|table)=(.*)", url, re.DOTALL)
    if not found or not found[3].strip():
        raise SourceError(
            "a PostgreSQL address needs a query", "postgresql://HOST/DATABASE?query=SELECT …"
        )
    if found[2] == "table":
        return found[1], "SELECT * FROM " + ".".join(map(quoted, found[3].split(".")))
    return found[1], found[3].strip().rstrip(";")


def _name(address: str) -> str:
    """Host and database: the rest of an address may hold a password."""
    from urllib.parse import urlsplit

    parts = urlsplit(address)
    host = (parts.hostname or "localhost") + (f":{parts.port}" if parts.port else "")
    return printable(f"postgresql://{host}{parts.path}")


def _writable(connection: Any, name: str) -> list[str]:
    """A warning where the role could do more than read: a read-only transaction is no fence."""
    role, might = connection.execute(_MAY).fetchone()
    return [f"{name}: {printable(role)} {might}; a role that only reads is safer"] if might else []
