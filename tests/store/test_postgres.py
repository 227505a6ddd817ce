"""What is PostgreSQL's own: other hosts, roles, lost connections, secrets in URLs."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.errors import Busy, MonitorError, UsageError
from monitor.store import Store, open_store
from monitor.store.connect import connected
from monitor.store.migrations import bring_up_to_date
from monitor.store.postgres import PostgresDatabase
from tests.postgres import Cluster
from tests.store import processes
from tests.store.world import NOW, URL_FILE, fill, run

CANARY = "canary-7f3a"


@pytest.fixture
def url(postgres: Cluster, postgres_store: str) -> Iterator[str]:
    """A database with an empty store."""
    with postgres.database(postgres_store) as made:
        yield made


@pytest.fixture
def pg(url: str, tmp_path: Path) -> Iterator[Store]:
    """A store with a space, on the server's own clock."""
    with open_store(url, tmp_path / "blobs") as store:
        store.ensure_space("dishes", {}, 384, NOW)
        yield store


def test_many_open_a_new_store_at_once(postgres: Cluster, tmp_path: Path) -> None:
    """One makes the tables, the others wait for it."""
    with postgres.database() as url:
        (tmp_path / URL_FILE).write_text(url)
        several = [processes.started(processes.open_once, tmp_path) for _ in range(4)]
        assert processes.exit_codes(*several) == [0] * 4
        assert open_store(url, tmp_path).spaces() == []


def test_an_older_schema_is_migrated_only_when_asked(pg: Store, url: str, tmp_path: Path) -> None:
    """Others may be using it; after a kill half way the schema is the old one."""
    database = connected(url)
    with pytest.raises(MonitorError) as caught:
        bring_up_to_date(database, [processes.add_colour])
    assert caught.value.message == (
        f"the store {database.name} has schema 1, and this release needs 2"
    )
    assert caught.value.hint == "stop what uses it, back it up, then: embmon store upgrade"
    (tmp_path / URL_FILE).write_text(url)
    killed = processes.started(processes.migrate_then_die, tmp_path)
    assert processes.exit_codes(killed) == [-signal.SIGKILL]
    assert _columns(pg) >= {"name", "dim"} and "colour" not in _columns(pg)
    assert bring_up_to_date(database, [processes.add_colour], upgrade=True) == 1
    assert "colour" in _columns(pg)
    with pytest.raises(MonitorError) as caught:
        open_store(url, tmp_path)
    assert caught.value.message.endswith("has schema 2; this release knows none after 1")


def test_tables_of_another_program_are_left_alone(postgres: Cluster, tmp_path: Path) -> None:
    """Nothing is put beside them."""
    with postgres.database() as url:
        postgres.sql("CREATE TABLE photos (id int)", str(sa.make_url(url).database))
        with pytest.raises(UsageError) as caught:
            open_store(url, tmp_path)
    assert caught.value.message.endswith("is a PostgreSQL database, but no store of embmon")


def test_leases_go_by_the_clock_of_the_server(pg: Store, url: str, tmp_path: Path) -> None:
    """A host whose clock is a day ahead takes nothing from anybody."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    with open_store(url, tmp_path) as other, pg.lock("m", "host-1:1", 60, NOW) as lease:
        assert abs(lease.since - datetime.now(UTC)) < timedelta(minutes=1)
        with pytest.raises(Busy), other.lock("m", "host-2:1", 60, tomorrow):
            pass
    with pg.lock("m", "host-1:1", 0.01, NOW) as old:
        time.sleep(0.05)
        with pg.lock("m", "host-2:1", 60, NOW), pytest.raises(Busy) as caught:
            pg.record_check(run("r1"), lease=old)
    assert caught.value.message == "lock 'm' went from host-1:1 to host-2:1"


def test_a_writer_waits_for_another_and_then_leaves(pg: Store, url: str, tmp_path: Path) -> None:
    """With code 75; readers do not even wait."""
    with open_store(f"{url}&timeout=0.05", tmp_path) as store, pg.database.write():
        with pytest.raises(Busy) as caught:
            store.add_mark("dishes", "deploy", NOW, NOW)
        assert [space.name for space in store.spaces()] == ["dishes"]
    assert caught.value.message == (
        f"the store {pg.database.name} is busy: canceling statement due to lock timeout"
    )


def test_a_killed_connection(pg: Store, postgres: Cluster) -> None:
    """Nothing was stored, the reason is told with code 75, and the next command connects anew."""
    with pytest.raises(Busy) as caught, pg.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM spaces")
        postgres.sql(f"SELECT pg_terminate_backend({_backend(connection)})")
        connection.exec_driver_sql("SELECT 1")
    assert caught.value.message.startswith(f"the store {pg.database.name} does not answer: ")
    assert caught.value.hint == "nothing was stored; run again once it is back"
    assert len(pg.spaces()) == 1


def test_a_frozen_server_does_not_hold_a_command(pg: Store, url: str) -> None:
    """Its kernel goes on acknowledging, so that only the client can end the wait."""
    database = PostgresDatabase(sa.make_url(url), silence_s=0.3)
    with pytest.raises(Busy) as caught, database.read() as connection:
        backend = _backend(connection)
        os.kill(backend, signal.SIGSTOP)
        began = time.monotonic()
        try:
            connection.exec_driver_sql("SELECT 1")
        finally:
            os.kill(backend, signal.SIGCONT)
    assert 0.2 < time.monotonic() - began < 5
    assert caught.value.message.startswith(f"the store {database.name} does not answer: ")
    database.close()


def test_a_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried for a while, then the command leaves with 75."""
    monkeypatch.setattr("monitor.store.postgres.CONNECT_S", 0.3)
    began = time.monotonic()
    with pytest.raises(Busy) as caught:
        open_store(f"postgresql://ann:{CANARY}@/db?host={tmp_path}", tmp_path)
    assert time.monotonic() - began > 0.1
    assert caught.value.message.startswith(f"the store postgresql://{tmp_path}/db does not answer:")
    assert CANARY not in str(caught.value)


def test_a_server_that_was_restarted(
    pg: Store, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it is away commands leave with 75; then the very same store goes on."""
    monkeypatch.setattr("monitor.store.postgres.CONNECT_S", 0.2)
    assert len(pg.spaces()) == 1
    with postgres.stopped():
        for command in (pg.spaces, lambda: pg.add_mark("dishes", "deploy", NOW, NOW)):
            with pytest.raises(Busy) as caught:
                command()
            said = f"the store {pg.database.name} does not answer: "
            assert caught.value.message.startswith(said)
    assert pg.add_mark("dishes", "deploy", NOW, NOW)


def test_behind_pgbouncer(postgres: Cluster, url: str, tmp_path: Path) -> None:
    """Two connections in transaction mode serve eight users: no lock, setting or statement of one
    is met by another."""
    with postgres.pooled(str(sa.make_url(url).database)) as pooled:
        with open_store(pooled, tmp_path / "blobs") as store:
            fill(store)
            with ThreadPoolExecutor(8) as users:
                done = users.map(lambda i: store.record_check(run(f"u{i}", i)), range(40))
                assert list(done) == [True] * 40
            assert list(store.problems()) == []
            with (
                store.lock("m", "a:1", 60, NOW),
                pytest.raises(Busy),
                store.lock("m", "b:1", 60, NOW),
            ):
                pass
        with open_store(url, tmp_path / "blobs") as direct:
            assert len(direct.runs("dishes")) == 42


def test_a_refusal_is_told_at_once(postgres: Cluster, tmp_path: Path) -> None:
    """With the server's reason, and without what was secret in the URL."""
    url = f"{postgres.url('nowhere')}&sslpassword={CANARY}"
    with pytest.raises(MonitorError) as caught:
        open_store(url.replace("embmon@", f"embmon:{CANARY}@"), tmp_path)
    assert caught.value.message == (
        f"the store postgresql://{postgres.folder}/nowhere refuses the connection: "
        'database "nowhere" does not exist'
    )
    assert caught.value.exit_code == 1
    assert CANARY not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_a_read_only_server_can_be_read(pg: Store, postgres: Cluster, url: str) -> None:
    """As a replica, or one that an operator has closed."""
    name = sa.make_url(url).database
    postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with open_store(url, pg.blobs.root) as store:
        assert len(store.spaces()) == 1
        with pytest.raises(MonitorError) as caught:
            store.add_mark("dishes", "deploy", NOW, NOW)
    assert caught.value.message == (
        f"the store {store.database.name} cannot be written: "
        "cannot execute INSERT in a read-only transaction"
    )


def test_the_least_rights_suffice(pg: Store, postgres: Cluster, url: str, tmp_path: Path) -> None:
    """A role with docs/production.md's rights runs everything, and can change no table."""
    database = str(sa.make_url(url).database)
    page = (Path(__file__).parents[2] / "docs" / "production.md").read_text(encoding="utf-8")
    grants = [line.strip() for line in page.split("```sql\n")[1].split("```")[0].splitlines()]
    for statement in grants:
        postgres.sql(statement, database)
    try:
        with open_store(postgres.url(database, "embmon_run"), tmp_path / "blobs") as store:
            fill(store)
            with pytest.raises(MonitorError) as caught, store.database.write() as connection:
                connection.exec_driver_sql("DROP TABLE runs")
        assert caught.value.message.startswith(f"the store {store.database.name} cannot be used")
    finally:
        for role in ("embmon_run", "embmon_read"):
            postgres.sql(f"DROP OWNED BY {role}", database)
            postgres.sql(f"DROP ROLE {role}")


def test_what_a_statement_held_is_not_shown(pg: Store) -> None:
    """A violated key would print its values."""
    with pytest.raises(MonitorError) as caught, pg.database.write() as connection:
        for _ in range(2):
            statement = (
                "INSERT INTO marks (space, text, at, added_at) VALUES ('dishes', %s, 'b', 'c')"
            )
            connection.exec_driver_sql(statement, (CANARY,))
    assert CANARY not in str(caught.value)
    assert caught.value.message.endswith("(23505)")


def _backend(connection: sa.Connection) -> int:
    return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())


def _columns(store: Store) -> set[str]:
    with store.database.read() as connection:
        return {column["name"] for column in sa.inspect(connection).get_columns("spaces")}
