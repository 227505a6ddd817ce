"""A throw-away PostgreSQL cluster, from the binaries of Debian's package `postgresql`."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
_names = count()


@dataclass(frozen=True)
class Cluster:
    """A running server; `folder` holds its data and the only socket it listens on."""

    folder: Path

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
    data = str(folder / "data")
    settings = " ".join(f"-c {each}" for each in _SETTINGS)
    start = ["-w", "-l", str(folder / "log"), "-o", f"{settings} -k {folder}"]
    try:
        made = ["-D", data, "-U", "embmon", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        _run([initdb, *made], user)
        _run([_binary("pg_ctl"), "start", "-D", data, *start], user)
        try:
            yield Cluster(folder)
        finally:
            _run([_binary("pg_ctl"), "stop", "-m", "immediate", "-D", data], user)
    finally:
        shutil.rmtree(folder)


def _binary(name: str) -> str:
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = str(debian[-1]) if debian else shutil.which(name)
    assert found, f"{name} is not here: sudo apt-get install postgresql"
    return found


def _run(command: list[str], user: dict[str, Any]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/", **user)
