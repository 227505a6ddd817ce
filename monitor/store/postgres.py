"""The store in a PostgreSQL database, for any number of hosts."""

from __future__ import annotations

import contextlib
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

import sqlalchemy as sa

from monitor.errors import Busy, MissingExtra, MonitorError
from monitor.store.database import BUSY_TIMEOUT_S, Database, engine_options
from monitor.store.deadline import silence_limit

CONNECT_S = 10.0
"""How long one attempt to connect may take, and how long attempts are repeated."""

STATEMENT_S = 60.0
"""The longest statement, and the longest pause between two of a transaction."""

_CLIENT_S = STATEMENT_S + 10
# The client keeps it too: a server that is frozen keeps nothing.

_SETTINGS = (
    "SELECT set_config('lock_timeout', '{wait}', true),"
    " set_config('statement_timeout', '{statement}', true),"
    " set_config('idle_in_transaction_session_timeout', '{statement}', true)"
)
_READ_ONLY = ", set_config('transaction_read_only', 'on', true)"

# One writer at a time in each schema, as with SQLite: what a transaction has read stays true
# until it commits. They are short, and readers wait for none of them.
_ALONE = "SELECT pg_advisory_xact_lock(7331, hashtext(current_schema()))"

_TRY_AGAIN = re.compile(r"starting up|shutting down|too many|recovery|remaining connection", re.I)


class PostgresDatabase(Database):
    """A schema of a PostgreSQL database: the first of the role's search path.

    `?timeout=SECONDS` in its URL overrides how long writers wait. silence_s: the longest wait for
    an answer, kept by the client.
    """

    kind = "PostgreSQL"
    migrates_itself = False

    def __init__(self, url: sa.URL, silence_s: float = _CLIENT_S) -> None:
        self._silence_s = silence_s
        _require_driver()
        wait_s = float(str(url.query.get("timeout", BUSY_TIMEOUT_S)))
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg").difference_update_query(["timeout"]),
            # Named prepared statements do not outlive a transaction behind pgbouncer.
            connect_args={"prepare_threshold": None, "connect_timeout": int(CONNECT_S)},
            pool_pre_ping=True,
            **engine_options(),
        )
        sa.event.listen(engine, "begin", partial(_begin, wait_s))
        reading = {"isolation_level": "REPEATABLE READ"}
        super().__init__(_name(url), engine, reading, {"alone": True})

    def now(self, connection: sa.Connection, host_now: datetime) -> datetime:
        """The server's clock: those of the hosts may differ."""
        found: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        return found.astimezone(UTC)

    def advance_ids(self, connection: sa.Connection, table: sa.Table) -> None:
        """Moves the sequence of `id` past the largest one, where the table has a sequence."""
        if "id" not in table.columns or not isinstance(table.c.id.type, sa.BigInteger):
            return
        sequence = sa.func.pg_get_serial_sequence(table.name, "id")
        largest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sequence, sa.func.coalesce(largest, 1))))

    @contextmanager
    def _connected(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        with _opened(engine) as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            with silence_limit(raw.fileno(), self._silence_s) as restart:
                sa.event.listen(connection, "before_cursor_execute", restart)
                yield connection

    def _explain(self, error: BaseException) -> NoReturn:
        code = getattr(error, "sqlstate", None)
        said = getattr(getattr(error, "diag", None), "message_primary", None)
        reason = said or str(error).strip().splitlines()[0]
        if code in _FAULTS:
            message, hint = _FAULTS[code]
            raise MonitorError(f"the store {self.name} {message}: {reason}", hint) from None
        if code in _BUSY:
            raise Busy(f"the store {self.name} is busy: {reason}", "try again later") from None
        if code is None and "FATAL" in str(error) and not _TRY_AGAIN.search(str(error)):
            raise MonitorError(
                f"the store {self.name} refuses the connection: {_fatal(error)}",
                "check user, password, database and pg_hba.conf",
            ) from None
        if code is None or code[:2] in ("08", "57"):
            raise Busy(
                f"the store {self.name} does not answer: {reason}",
                "nothing was stored; run again once it is back",
            ) from None
        raise MonitorError(
            f"the store {self.name} refused a statement: {reason} ({code})"
        ) from None


def _require_driver() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise MissingExtra("psycopg", "postgres") from None


def _name(url: sa.URL) -> str:
    """Host and database alone: a password may stand in any other part."""
    port = f":{url.port}" if url.port else ""
    host = url.host or url.query.get("host") or "localhost"
    return f"postgresql://{host}{port}/{url.database or ''}"


@contextmanager
def _opened(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection; tried again for a while where the server is not there yet or is full."""
    with contextlib.ExitStack() as held:
        until = time.monotonic() + CONNECT_S
        wait = 0.1
        while True:
            try:
                connection = held.enter_context(engine.connect())
                break
            except sa.exc.OperationalError as error:
                refused = "FATAL" in str(error.orig) and not _TRY_AGAIN.search(str(error.orig))
                if refused or time.monotonic() + wait > until:
                    raise
            time.sleep(wait * random.uniform(0.5, 1))
            wait = min(2.0, 2 * wait)
        yield connection


def _begin(wait_s: float, connection: sa.Connection) -> None:
    limits = {"wait": round(1000 * wait_s), "statement": round(1000 * STATEMENT_S)}
    settings = _SETTINGS.format(**limits)
    if connection.get_execution_options().get("alone"):
        connection.exec_driver_sql(settings)
        connection.exec_driver_sql(_ALONE)
    else:
        connection.exec_driver_sql(settings + _READ_ONLY)


def _fatal(error: BaseException) -> str:
    return str(error).partition("FATAL:")[2].strip().splitlines()[0]


_FAULTS: dict[str | None, tuple[str, str]] = {
    "25006": ("cannot be written", "its server or role is read-only; reading goes on working"),
    "42501": ("cannot be used", "give the role the rights that docs/production.md lists"),
    "42P01": ("lacks a table", "embmon store check"),
    "53100": ("has no room left on its disk", "free some space and run again"),
    "XX001": ("is damaged", "restore it from a backup"),
    "XX002": ("is damaged", "restore it from a backup"),
}
_BUSY = ("40001", "40P01", "53300", "53400", "55P03", "57014")
