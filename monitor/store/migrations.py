"""Schemas of the store, oldest to newest, and the way from each to the next.

To change the schema: change tables.py, append a step here, add a database of the new schema to
tests/store/frozen/ (tests/store/frozen/README.md says how). A step changes tables by Alembic's
operations, which know what each database can and cannot do; it is never changed once it has been
released.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from monitor.errors import MonitorError, UsageError
from monitor.store.database import Database
from monitor.store.tables import metadata, store_schema

if TYPE_CHECKING:
    from alembic.operations import Operations

Step = Callable[["Operations"], None]

STEPS: tuple[Step, ...] = ()
"""STEPS[i] turns schema i + 1 into schema i + 2. A new store begins at the newest."""

NEWEST = 1 + len(STEPS)


def bring_up_to_date(
    database: Database, steps: Sequence[Step] = STEPS, *, upgrade: bool = False
) -> int:
    """Creates the tables of a new store, or migrates those of an older one; the schema before.

    All steps happen in one transaction: after a kill the store has its old schema. A file of SQLite
    is copied first; a database that several hosts use is migrated only where `upgrade` is asked
    for. Raises MonitorError for a schema that is older or newer than can be used, UsageError for a
    database that is no store.
    """
    newest = 1 + len(steps)
    database.create()
    with database.read() as connection:
        found = schema_of(connection, database, newest)
    if found == newest:
        return found
    if found and not (upgrade or database.migrates_itself):
        raise MonitorError(
            f"the store {database.name} has schema {found}, and this release needs {newest}",
            "stop what uses it, back it up, then: embmon store upgrade",
        )
    with database.alone() as connection:
        _migrate(connection, steps, database)
    return found


def _migrate(connection: sa.Connection, steps: Sequence[Step], database: Database) -> None:
    newest = 1 + len(steps)
    found = schema_of(connection, database, newest)
    if found == newest:  # Another process was faster.
        return
    if found == 0:
        metadata.create_all(connection)
    else:
        database.keep_copy(found)
        operations = _operations(connection)
        for step in steps[found - 1 :]:
            step(operations)
    connection.execute(store_schema.insert().values(version=newest))


def differences(connection: sa.Connection) -> list[str]:
    """What the database's tables have too much, too little or otherwise than this release."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [_told(change[0] if isinstance(change, list) else change) for change in found]


def _told(change: Any) -> str:
    """One difference: what would mend it, and the names of what it is about."""
    kind, *parts = change
    names = [part if isinstance(part, str) else getattr(part, "name", None) for part in parts]
    return " ".join([kind.replace("_", " "), *(name for name in names if name)])


def _operations(connection: sa.Connection) -> Operations:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    return Operations(MigrationContext.configure(connection))


def schema_of(connection: sa.Connection, database: Database, newest: int = NEWEST) -> int:
    """Schema of the database, 0 if it is empty; raises where it is none of ours."""
    found = _schema(connection)
    if found is None:
        raise UsageError(
            f"{database.name} is a {database.kind} database, but no store of embmon",
            "name another one in [store] url",
        )
    if found > newest:
        raise MonitorError(
            f"the store {database.name} has schema {found}; this release knows none after {newest}",
            "it was written by a newer release: pip install --upgrade embedding-monitor",
        )
    return found


def _schema(connection: sa.Connection) -> int | None:
    look = sa.inspect(connection)
    if not look.has_table(store_schema.name):
        return None if look.get_table_names() else 0
    return connection.scalar(sa.select(sa.func.max(store_schema.c.version))) or 0
