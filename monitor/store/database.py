"""The database behind the store: how it is read and written, and what its errors mean.

`sqlite.py` and `postgres.py` are the two there are; `connect.py` picks one by the URL.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.errors import MonitorError

BUSY_TIMEOUT_S = 10.0
"""How long a writer waits for another process."""

as_json = partial(json.dumps, allow_nan=False, ensure_ascii=False)


class Database:
    """A database, in which readers wait for nobody and one process writes at a time.

    `read` and `write` give connections inside a transaction. name: what messages call it, without
    any secret; kind: the product's name; locks: folder of lock files where all users are processes
    of one host; migrates_itself: whether an older schema may be migrated by whoever opens it.
    """

    kind: str
    migrates_itself: bool

    def __init__(
        self,
        name: str,
        engine: sa.Engine,
        reading: Mapping[str, Any],
        writing: Mapping[str, Any],
        locks: Path | None = None,
    ) -> None:
        self.name = name
        self.engine = engine
        self.locks = locks
        self._reading = engine.execution_options(**reading)
        self._writing = engine.execution_options(**writing)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one unchanging state of the database."""
        with self._explained(), self._connected(self._reading) as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection whose changes are all kept at the end, or none. Raises Busy."""
        with self._explained(), self._connected(self._writing) as connection, connection.begin():
            yield connection

    def alone(self) -> AbstractContextManager[sa.Connection]:
        """Like `write`, for changes of the schema: others wait even with opening the store."""
        return self.write()

    def exists(self) -> bool:
        """Whether there is something to open; where not, `create` would make it."""
        return True

    def create(self) -> None:
        """Makes what holds the tables, where it is for us to make."""

    def keep_copy(self, schema: int) -> None:
        """Keeps the state before a migration, where that is for us to do."""

    def now(self, connection: sa.Connection, host_now: datetime) -> datetime:
        """The time by the one clock that all users of this database share."""
        return host_now

    def advance_ids(self, connection: sa.Connection, table: sa.Table) -> None:
        """Lets rows be numbered after those that came with numbers of their own."""

    def damage(self, connection: sa.Connection) -> Iterator[str]:
        """A sentence for each damage that the database itself finds."""
        yield from ()

    def forget(self) -> None:
        """Lets nothing that was deleted stand in files of ours any longer."""

    def close(self) -> None:
        """Closes every idle connection."""
        self.engine.dispose()

    def _connected(self, engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
        return engine.connect()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.StatementError as error:
            if isinstance(error.orig, MonitorError):
                raise error.orig from None
            if error.orig is not None:
                self._explain(error.orig)
            raise

    def _explain(self, error: BaseException) -> None:
        """Raises what a driver's error means for the user; returns where it is a fault of ours."""


def engine_options() -> dict[str, Any]:
    """What every engine is made with."""
    # Rows hold what users sent: none of it belongs into an exception's text.
    return {"hide_parameters": True, "json_serializer": as_json}
