"""All of a store put into another one: to move it, to back it up, to bring it back."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import sqlalchemy as sa

from monitor.errors import MonitorError, UsageError
from monitor.store.blobs import Blobs
from monitor.store.connect import connected
from monitor.store.database import Database
from monitor.store.gc import used_blobs
from monitor.store.migrations import NEWEST, schema_of
from monitor.store.rows import CopyReport
from monitor.store.store import Place, Store, opened_blobs
from monitor.store.tables import metadata, spaces, store_schema

_ROWS = 1000


def copied(source: Store, target: Store) -> CopyReport:
    """Puts every row of `source` and every blob in use into the empty store `target`.

    Others may go on using `source`; what they write after the rows were read is not in the copy.
    The rows come in one transaction, after their blobs: until then `target` stays empty, and after
    a kill the same call begins anew. Raises UsageError where `target` holds something, MonitorError
    for a blob that is missing or damaged.
    """
    with target.database.read() as connection:
        _require_empty(connection, target.database)
    with source.database.read() as reading:
        blobs = used_blobs(reading)
    _copy_blobs(blobs, source.blobs, target.blobs)
    with source.database.read() as reading:
        _copy_blobs(used_blobs(reading) - blobs, source.blobs, target.blobs)
        with target.database.write() as writing:
            rows = copied_rows(reading, writing, target.database)
    return CopyReport(rows, len(blobs))


def planned(source: Place, target: Place) -> CopyReport:
    """What `copied` would put from one place into the other, of which nothing is made or changed.

    Raises what `copied` would, but that no blob is read: those that are missing are found, those
    that are damaged are not.
    """
    with closing(connected(target.url)) as database:
        if database.exists():
            with database.read() as connection:
                if schema_of(connection, database):
                    _require_empty(connection, database)
    with closing(connected(source.url)) as database, database.read() as connection:
        require_newest(connection, database)
        counts = [sa.select(sa.func.count()).select_from(table) for table in _tables()]
        rows = sum(connection.execute(count).scalar_one() for count in counts)
        digests = used_blobs(connection)
    blobs = opened_blobs(source.blobs)
    for digest in digests:
        blobs.require(digest)
    return CopyReport(rows, len(digests))


def require_newest(connection: sa.Connection, database: Database) -> None:
    """Raises MonitorError for a store that a dry run would have to migrate first."""
    found = schema_of(connection, database)
    if found != NEWEST:
        raise MonitorError(
            f"the store {database.name} has schema {found}, and a dry run needs {NEWEST}",
            "embmon store upgrade",
        )


def copied_rows(reading: sa.Connection, writing: sa.Connection, target: Database) -> int:
    """Puts all rows that one connection sees into the empty tables of `target`; how many."""
    rows = sum(_copied(reading, writing, table) for table in _tables())
    for table in _tables():
        target.advance_ids(writing, table)
    return rows


def _tables() -> list[sa.Table]:
    """All tables with rows to copy, those first that others point at."""
    return [table for table in metadata.sorted_tables if table is not store_schema]


def _copied(reading: sa.Connection, writing: sa.Connection, table: sa.Table) -> int:
    found = reading.execution_options(yield_per=_ROWS).execute(sa.select(table))
    rows = 0
    for some in found.mappings().partitions():
        writing.execute(table.insert(), [dict(row) for row in some])
        rows += len(some)
    return rows


def _copy_blobs(digests: Iterable[str], source: Blobs, target: Blobs) -> None:
    for digest in sorted(digests):
        found = target.put_file(source.path(digest))
        if found != digest:
            raise MonitorError(
                f"blob {digest} is damaged: it now holds {found}",
                "embmon store check names all that are; restore them first",
            )


def _require_empty(connection: sa.Connection, database: Database) -> None:
    if connection.execute(sa.select(spaces.c.name).limit(1)).first() is not None:
        raise UsageError(f"the store {database.name} is not empty", "copy into a new one")
