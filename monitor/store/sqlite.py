"""The store in one file of SQLite."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.errors import Busy, MonitorError, UsageError
from monitor.store.database import BUSY_TIMEOUT_S, Database, engine_options
from monitor.store.durable import made_durable, open_private
from monitor.store.filelock import file_lock
from monitor.store.filesystem import network_filesystem


class SqliteDatabase(Database):
    """One SQLite file; `?timeout=SECONDS` in its URL overrides how long writers wait."""

    kind = "SQLite"
    migrates_itself = True

    def __init__(self, url: sa.URL) -> None:
        parsed, self.path = _file(url)
        wait = {} if "timeout" in parsed.query else {"timeout": BUSY_TIMEOUT_S}
        engine = sa.create_engine(
            parsed.set(database=str(self.path)), connect_args=wait, **engine_options()
        )
        sa.event.listen(engine, "connect", _prepare)
        sa.event.listen(engine, "begin", _begin)
        # Taking the write lock at once means that two writers wait for each other; a reader that
        # turns writer half way is refused by SQLite without any wait.
        how = {"begin": "BEGIN"}, {"begin": "BEGIN IMMEDIATE"}
        locks = self.path.with_name(self.path.name + ".locks")
        super().__init__(str(self.path), engine, *how, locks)

    def exists(self) -> bool:
        """Whether the file is there."""
        return self.path.is_file()

    def create(self) -> None:
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

    @contextmanager
    def alone(self) -> Iterator[sa.Connection]:
        """A writing connection, with readers and writers able to work at the same time for good."""
        assert self.locks is not None
        with file_lock(self.locks / ".schema", wait_s=BUSY_TIMEOUT_S):
            self._use_write_ahead_log()
            with self.write() as connection:
                yield connection

    def keep_copy(self, schema: int) -> None:
        """Copies the file to `<file>.schema-<n>.backup`."""
        # Over another connection, which sees the state before the transaction of the migration.
        self.backup(self.path.with_name(f"{self.path.name}.schema-{schema}.backup"))

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

    def forget(self) -> None:
        """Empties the write-ahead log, which holds pages as they were, unless a reader needs it."""
        with self._explained(), self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def damage(self, connection: sa.Connection) -> Iterator[str]:
        """What SQLite's own check of every page finds."""
        for (answer,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if answer != "ok":
                yield f"the store {self.path} is damaged: {answer}"

    def _use_write_ahead_log(self) -> None:
        with self._explained(), self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0] if raw else ""
        if mode != "wal":
            raise MonitorError(
                f"the store {self.path} cannot keep a write-ahead log here (it has {mode!r})",
                "put it on a local disk",
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            with super()._explained():
                yield
        except sqlite3.Error as error:  # of what goes past SQLAlchemy
            self._explain(error)
            raise

    def _explain(self, error: BaseException) -> None:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise Busy(
                    f"the store {self.path} is locked by another process", "try again later"
                ) from error
            case code if code in _FAULTS:
                message, hint = _FAULTS[code]
                raise MonitorError(f"the store {self.path} {message}: {error}", hint) from error


def _copy(path: Path, target: Path) -> None:
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as to:
        source.backup(to)


def _file(url: sa.URL) -> tuple[sa.URL, Path]:
    if not url.database or url.database == ":memory:":
        raise UsageError("[store] url names no file", "write sqlite:///embmon.db")
    path = Path(url.database).expanduser().absolute()
    kind = network_filesystem(path.resolve())
    if kind and url.query.get("network") != "allow":
        raise UsageError(
            f"the store {path} lies on a network file system ({kind}), where SQLite is not safe",
            "put it on a local disk; or add ?network=allow to the url if one host alone opens it",
        )
    return url.difference_update_query(["network"]), path


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Python's own transactions begin late and never for reads; ours are begun in `_begin`.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    # What a purge deletes must not stay in free pages.
    connection.execute("PRAGMA secure_delete = ON")
    # NORMAL would lose the last commits at a power cut. An alert may already have left on the
    # strength of those, and a check commits once: one fsync a check is cheap.
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


_FAULTS: dict[Any, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: ("cannot be written", "check the permissions of the file and folder"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check the permissions of the file and folder"),
    sqlite3.SQLITE_FULL: ("has no room left on its disk", "free some space and run again"),
    sqlite3.SQLITE_IOERR: ("could not be read or written", "check the disk, then run again"),
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a backup"),
    sqlite3.SQLITE_NOTADB: ("is not a SQLite database", "name another file in [store] url"),
}
