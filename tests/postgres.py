"""A throw-away PostgreSQL cluster, from the binaries of Debian's package `postgresql`."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.store import open_store

# A cluster that nobody needs after a crash need not sync.
_SETTINGS = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB"),
    *("listen_addresses=", "max_connections=80"),
)
_POOL_PORT = 6432
_POOL = f"""
[databases]
* = host={{folder}} user=embmon
[pgbouncer]
listen_addr =
listen_port = {_POOL_PORT}
unix_socket_dir = {{folder}}
auth_type = any
pool_mode = transaction
default_pool_size = 2
"""
_names = count()


@dataclass(frozen=True)
class Cluster:
    """A running server; `folder` holds its data and the only socket it listens on; `account` says
    as whom its programs run."""

    folder: Path
    account: dict[str, Any] = field(default_factory=dict)

    def url(self, database: str, user: str = "embmon") -> str:
        """The URL of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database of its own, dropped at the end."""
        name = f"test_{next(_names)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.sql(f"DROP DATABASE {name} WITH (FORCE)")

    def with_tables(self) -> str:
        """Name of a database that holds an empty store, for copies of it."""
        self.sql("CREATE DATABASE empty_store TEMPLATE template0")
        open_store(self.url("empty_store"), self.folder / "blobs").close()
        return "empty_store"

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """While this lasts there is no server."""
        self.control("stop", "-m", "fast")
        try:
            yield
        finally:
            self.control("start", *self.options())

    def options(self) -> list[str]:
        """What it is started with."""
        settings = " ".join(f"-c {each}" for each in _SETTINGS)
        return ["-w", "-l", str(self.folder / "log"), "-o", f"{settings} -k {self.folder}"]

    def control(self, *words: str) -> None:
        """Runs pg_ctl."""
        call = [_binary("pg_ctl"), words[0], "-D", str(self.folder / "data"), *words[1:]]
        _run(call, self.account)

    @contextmanager
    def pooled(self, database: str) -> Iterator[str]:
        """The URL of a database behind pgbouncer: in transaction mode, with two connections."""
        program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        assert program, "pgbouncer is not here: sudo apt-get install pgbouncer"
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(_POOL.format(folder=self.folder))
        with (self.folder / "pgbouncer.log").open("wb") as log:
            call = [program, str(settings)]
            running = subprocess.Popen(call, stdout=log, stderr=log, cwd="/", **self.account)
        try:
            socket = self.folder / f".s.PGSQL.{_POOL_PORT}"
            until = time.monotonic() + 30
            while not socket.exists():
                assert running.poll() is None and time.monotonic() < until, "pgbouncer ended"
                time.sleep(0.02)
            yield f"{self.url(database)}&port={_POOL_PORT}"
        finally:
            running.terminate()
            running.wait()

    def sql(self, statement: str, database: str = "postgres") -> list[Any]:
        """Runs one statement as the superuser; its rows, if it has any."""
        url = sa.make_url(self.url(database)).set(drivername="postgresql+psycopg")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            found = connection.exec_driver_sql(statement)
            return list(found) if found.returns_rows else []


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster, gone at the end. Fails where PostgreSQL is not installed."""
    initdb = _binary("initdb")
    folder = Path(tempfile.mkdtemp(prefix="embmon-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    made = Cluster(folder, user)
    try:
        how = ["-U", "embmon", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        _run([initdb, "-D", str(folder / "data"), *how], user)
        made.control("start", *made.options())
        try:
            yield made
        finally:
            made.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder)


def _binary(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(debian[-1]) if debian else shutil.which(name)
    assert found, f"{name} is not here: sudo apt-get install postgresql"
    return found


def _run(command: list[str], user: dict[str, Any]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/", **user)
