"""Schemas of the store, oldest to newest, and the way from each to the next.

To change the schema: change tables.py, append a step here, add a database of the new schema to
tests/store/frozen/ (tests/store/frozen/README.md says how). A step is never changed once it has
been released.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from monitor.errors import MonitorError, UsageError
from monitor.store.database import BUSY_TIMEOUT_S, Database
from monitor.store.filelock import file_lock
from monitor.store.tables import metadata, store_schema

Step = Callable[[sa.Connection], None]

STEPS: tuple[Step, ...] = ()
"""STEPS[i] turns schema i + 1 into schema i + 2. A new store begins at the newest."""


def bring_up_to_date(database: Database, steps: Sequence[Step] = STEPS) -> None:
    """Creates the tables of a new store, or migrates those of an older one.

    An older file is first copied to `<file>.schema-<n>.backup`. All steps happen in one
    transaction: after a kill the store has its old schema. Raises MonitorError for a newer schema,
    UsageError for a database that is no store.
    """
    newest = 1 + len(steps)
    database.create_file()
    with database.read() as connection:
        if _known_schema(connection, newest, database) == newest:
            return
    with file_lock(database.locks / ".schema", wait_s=BUSY_TIMEOUT_S):
        database.use_write_ahead_log()
        with database.write() as connection:
            _migrate(connection, steps, database)


def _migrate(connection: sa.Connection, steps: Sequence[Step], database: Database) -> None:
    newest = 1 + len(steps)
    found = _known_schema(connection, newest, database)
    if found == newest:  # Another process was faster.
        return
    if found == 0:
        metadata.create_all(connection)
    else:
        # The copy is made over another connection, which sees the state before this transaction.
        database.backup(database.path.with_name(f"{database.path.name}.schema-{found}.backup"))
        for step in steps[found - 1 :]:
            step(connection)
    connection.execute(store_schema.insert().values(version=newest))


def _known_schema(connection: sa.Connection, newest: int, database: Database) -> int:
    """Schema of the database, 0 if it is empty; raises where it is none of ours."""
    found = _schema(connection)
    if found is None:
        raise UsageError(
            f"{database.path} is a SQLite database, but no store of embmon",
            "name another file in [store] url",
        )
    if found > newest:
        raise MonitorError(
            f"the store {database.path} has schema {found}; this release knows none after {newest}",
            "it was written by a newer release: pip install --upgrade embedding-monitor",
        )
    return found


def _schema(connection: sa.Connection) -> int | None:
    names = sa.inspect(connection).get_table_names()
    if store_schema.name not in names:
        return None if names else 0
    return connection.scalar(sa.select(sa.func.max(store_schema.c.version))) or 0
