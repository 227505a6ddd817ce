"""What the parts of the store share: the database, the blobs, and how rows are added."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.store.blobs import Blobs
from monitor.store.database import Database


class Kept:
    """Rows in a database and the blobs they point at."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self.database = database
        self.blobs = blobs

    def _require_blobs(self, *digests: str | None) -> None:
        """Raises MonitorError unless every blob is stored. Ask inside the transaction that points
        at them: `gc` removes blobs only while it holds the write lock.
        """
        for digest in digests:
            if digest is not None:
                self.blobs.require(digest)


def inserted(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Whether `row` is new; False, and nothing changed, where a unique key of it is taken.

    Try and look, since every database has its own word for "insert unless there".
    """
    try:
        with connection.begin_nested():
            connection.execute(table.insert().values(**row))
    except sa.exc.IntegrityError:
        if _taken(connection, table, row):
            return False
        raise
    return True


def _taken(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    unique = (sa.PrimaryKeyConstraint, sa.UniqueConstraint)
    keys = [list(c.columns) for c in table.constraints if isinstance(c, unique)]
    same = [
        sa.and_(*(column == row[column.name] for column in key))
        for key in keys
        if all(column.name in row for column in key)
    ]
    found = sa.select(sa.literal(1)).select_from(table).where(sa.or_(sa.false(), *same))
    return connection.execute(found.limit(1)).first() is not None


def within(
    table: sa.FromClause, start: datetime | None, end: datetime | None
) -> list[sa.ColumnElement[bool]]:
    """That a row's window lies wholly in [start, end); None: without that limit."""
    since = [] if start is None else [table.c.start >= start]
    return since if end is None else [*since, table.c.end <= end]


def nearest(name: str, known: Collection[str], what: str) -> str:
    """A hint for someone who asked for `name`.

    >>> nearest("dihes", ["dishes", "speeches"], "space")
    "did you mean 'dishes'?"
    >>> nearest("x", ["dishes", "speeches"], "space")
    'known: dishes, speeches'
    >>> nearest("x", [], "space")
    'there is no space yet'
    """
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return f"did you mean {close[0]!r}?"
    shown = ", ".join(sorted(known)[:10]) + (", ..." if len(known) > 10 else "")
    return f"known: {shown}" if known else f"there is no {what} yet"
