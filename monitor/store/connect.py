"""From a URL to the database it names."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.store.database import Database
from monitor.store.sqlite import SqliteDatabase

_EXAMPLES = "write sqlite:///embmon.db or postgresql://USER@HOST/DATABASE"


def connected(url: str) -> Database:
    """The database at a SQLAlchemy URL; nothing is opened yet. Raises UsageError, MissingExtra."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError("[store] url is not a database URL", _EXAMPLES) from None
    match parsed.get_backend_name():
        case "sqlite":
            return SqliteDatabase(parsed)
        case "postgresql" | "postgres":
            from monitor.store.postgres import PostgresDatabase

            return PostgresDatabase(parsed)
        case other:
            raise UsageError(
                f"[store] url is of kind {other!r}; sqlite and postgresql are known", _EXAMPLES
            )
