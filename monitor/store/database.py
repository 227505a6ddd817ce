"""The database behind the store: how it is opened, read, written, and what its errors mean."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.errors import Busy, MonitorError, UsageError
from monitor.store.durable import made_durable, open_private
from monitor.store.filesystem import network_filesystem

BUSY_TIMEOUT_S = 10.0
"""How long a statement waits for another process; `?timeout=SECONDS` in the URL overrides it."""


class Database:
    """One SQLite file. `read` and `write` give connections inside a transaction."""

    def __init__(self, url: str) -> None:
        parsed, self.path = _sqlite_file(url)
        wait = {} if "timeout" in parsed.query else {"timeout": BUSY_TIMEOUT_S}
        self.engine = sa.create_engine(
            parsed.set(database=str(self.path)),
            connect_args=wait,
            # Rows hold what users sent: none of it belongs into an exception's text.
            hide_parameters=True,
            json_serializer=partial(json.dumps, allow_nan=False, ensure_ascii=False),
        )
        sa.event.listen(self.engine, "connect", _prepare)
        sa.event.listen(self.engine, "begin", _begin)
        # Taking the write lock at once means that two writers wait for each other; a reader that
        # turns writer half way is refused by SQLite without any wait.
        self._writing = self.engine.execution_options(begin="BEGIN IMMEDIATE")

    @property
    def locks(self) -> Path:
        """Folder of the lock files, beside the database."""
        return self.path.with_name(self.path.name + ".locks")

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one unchanging state of the database."""
        with self._explained(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection whose changes are all kept at the end, or none. Raises Busy."""
        with self._explained(), self._writing.begin() as connection:
            yield connection

    def create_file(self) -> None:
        """Makes an empty file of mode 0640 where there is none; SQLite's other files follow it."""
        try:
            self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            os.close(open_private(self.path))
        except FileExistsError:
            pass
        except OSError as error:
            reason = f"cannot create the store {self.path}: {error.strerror}"
            raise MonitorError(
                reason, "name a folder that can be written in [store] url"
            ) from error

    def use_write_ahead_log(self) -> None:
        """Lets readers and one writer work at the same time, for good."""
        with self._explained(), self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0] if raw else ""
        if mode != "wal":
            raise MonitorError(
                f"the store {self.path} cannot keep a write-ahead log here (it has {mode!r})",
                "put it on a local disk",
            )

    def backup(self, target: Path) -> None:
        """Writes a copy of the database as it is now to `target`, whole or not at all.

        Works while others read and write. Overwrites `target`.
        """
        unfinished = target.with_name(target.name + ".part")
        with self._explained():
            try:
                unfinished.unlink(missing_ok=True)
                os.close(open_private(unfinished))
                _copy(self.path, unfinished)
                made_durable(unfinished, target)
            except OSError as error:
                raise MonitorError(f"cannot write the backup {target}: {error.strerror}") from error

    def close(self) -> None:
        """Closes every idle connection."""
        self.engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.StatementError as error:
            if isinstance(error.orig, MonitorError):
                raise error.orig from None
            if isinstance(error.orig, sqlite3.Error):
                _explain(error.orig, self.path)
            raise
        except sqlite3.Error as error:
            _explain(error, self.path)
            raise


def _copy(path: Path, target: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as to:
        source.backup(to)


def _sqlite_file(url: str) -> tuple[sa.URL, Path]:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise UsageError("[store] url is not a database URL", "write sqlite:///embmon.db") from None
    if parsed.get_backend_name() != "sqlite":
        raise UsageError(
            f"[store] url is of kind {parsed.get_backend_name()!r}, and only sqlite is known",
            "write sqlite:///embmon.db",
        )
    if not parsed.database or parsed.database == ":memory:":
        raise UsageError("[store] url names no file", "write sqlite:///embmon.db")
    path = Path(parsed.database).expanduser().absolute()
    kind = network_filesystem(path.resolve())
    if kind and parsed.query.get("network") != "allow":
        raise UsageError(
            f"the store {path} lies on a network file system ({kind}), where SQLite is not safe",
            "put it on a local disk; or add ?network=allow to the url if one host alone opens it",
        )
    return parsed.difference_update_query(["network"]), path


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transactions begin late and never for reads; ours are begun in `_begin`.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # NORMAL would lose the last commits at a power cut. An alert may already have left on the
    # strength of those, and a check commits once: one fsync a check is cheap.
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _explain(error: sqlite3.Error, path: Path) -> None:
    """Raises what `error` means for the user; returns where it means a fault of ours."""
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            raise Busy(
                f"the store {path} is locked by another process", "try again later"
            ) from error
        case code if code in _FAULTS:
            message, hint = _FAULTS[code]
            raise MonitorError(f"the store {path} {message}: {error}", hint) from error


_FAULTS: dict[Any, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: ("cannot be written", "check the permissions of the file and folder"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check the permissions of the file and folder"),
    sqlite3.SQLITE_FULL: ("has no room left on its disk", "free some space and run again"),
    sqlite3.SQLITE_IOERR: ("could not be read or written", "check the disk, then run again"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a backup"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", "name another file in [store] url"),
}
