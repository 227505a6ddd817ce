"""A store is made, migrated or refused as a whole, whoever opens it and whatever happens."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.errors import MonitorError, UsageError
from monitor.store.migrations import STEPS, bring_up_to_date
from monitor.store.sqlite import SqliteDatabase
from tests.store import processes
from tests.store.world import NOW, fill, hour, names, opened, verdict

FROZEN = sorted((Path(__file__).parent / "frozen").glob("schema-*.sqlite"))


def _database(folder: Path) -> SqliteDatabase:
    return SqliteDatabase(sa.make_url(f"sqlite:///{folder / 'embmon.db'}"))


def _layout(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master") if sql)


def _columns(path: Path) -> dict[str, set[str]]:
    engine = sa.create_engine(f"sqlite:///{path}")
    look = sa.inspect(engine)
    found = {t: {c["name"] for c in look.get_columns(t)} for t in look.get_table_names()}
    engine.dispose()
    return found


def test_there_is_a_frozen_store_of_every_schema() -> None:
    """No schema was released without keeping a database of it."""
    assert names(FROZEN, "name") == [f"schema-{n}.sqlite" for n in range(1, len(STEPS) + 2)]


@pytest.mark.parametrize("frozen", FROZEN, ids=lambda path: path.stem)
def test_a_frozen_store_opens(frozen: Path, tmp_path: Path) -> None:
    """Whatever an old release wrote can be read, and has the columns a new store has."""
    shutil.copy(frozen, tmp_path / "embmon.db")
    opened(tmp_path / "new").close()
    with opened(tmp_path) as store:
        assert store.space("dishes").contract == {"encoder": "e5", "metric": "cosine"}
        assert store.version("dishes", "v1").card == {"note": "first"}
        assert store.basis("dishes") is not None
        assert names(store.windows("dishes", "basis-1"), "window") == [hour(0), hour(1)]
        reference = store.reference("dishes")
        assert reference is not None and reference.detail == {"windows": 2}
        assert names(store.history("dishes"), "word") == ["ok", "drift"]
        assert names(store.superseded("dishes", "m", hour(1)), "word") == ["ok"]
        assert names(store.runs("dishes"), "id") == ["run-1", "run-2"]
        assert names(store.alert_states(), "acked_by") == ["ada"]
        assert names(store.flips("dishes"), "after") == ["firing"]
        assert names(store.deliveries("pending"), "id") == ["d1", "d2"]
        assert names(store.marks("dishes"), "text") == ["new menu"]
        with store.lock("m", "host-2:1", 60, NOW) as lease:
            assert lease.fence == 2
        assert _columns(tmp_path / "embmon.db") == _columns(tmp_path / "new" / "embmon.db")


def test_the_newest_frozen_store_has_the_current_schema(tmp_path: Path) -> None:
    """A change of a table is not possible without a new schema."""
    opened(tmp_path).close()
    assert _layout(FROZEN[-1]) == _layout(tmp_path / "embmon.db")


def test_a_migration_keeps_a_copy_and_the_rows(tmp_path: Path) -> None:
    """The file before the migration lies beside it, and opens with the old schema."""
    with opened(tmp_path) as store:
        fill(store)
    database = _database(tmp_path)
    bring_up_to_date(database, [processes.add_colour])
    bring_up_to_date(database, [processes.add_colour])
    database.close()
    copy = tmp_path / "embmon.db.schema-1.backup"
    assert "colour" in _columns(tmp_path / "embmon.db")["spaces"]
    assert "colour" not in _columns(copy)["spaces"]
    assert copy.stat().st_mode & 0o777 == 0o640
    shutil.copy(copy, tmp_path / "embmon.db")
    with opened(tmp_path) as store:
        assert store.history("dishes")[0].word == verdict(0).word


def test_a_kill_inside_a_migration_leaves_the_old_schema(tmp_path: Path) -> None:
    """The next one to open the store migrates it from the start."""
    with opened(tmp_path) as store:
        fill(store)
    killed = processes.started(processes.migrate_then_die, tmp_path)
    assert processes.exit_codes(killed) == [-signal.SIGKILL]
    with opened(tmp_path) as store:
        assert "colour" not in _columns(tmp_path / "embmon.db")["spaces"]
        assert len(store.history("dishes")) == 2
    database = _database(tmp_path)
    bring_up_to_date(database, [processes.add_colour])
    assert "colour" in _columns(database.path)["spaces"]


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """An older release says what it knows and what to do, and changes nothing."""
    database = _database(tmp_path)
    bring_up_to_date(database, [processes.add_colour])
    before = _layout(database.path)
    with pytest.raises(MonitorError) as caught:
        opened(tmp_path)
    assert caught.value.message == (
        f"the store {database.path} has schema 2; this release knows none after 1"
    )
    hint = "it was written by a newer release: pip install --upgrade embedding-monitor"
    assert caught.value.hint == hint
    assert _layout(database.path) == before


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    """Nothing is put beside somebody else's tables."""
    with closing(sqlite3.connect(tmp_path / "embmon.db")) as connection:
        connection.execute("CREATE TABLE photos (id INTEGER)")
    with pytest.raises(UsageError) as caught:
        opened(tmp_path)
    message = f"{tmp_path / 'embmon.db'} is a SQLite database, but no store of embmon"
    assert caught.value.message == message
    assert caught.value.hint == "name another one in [store] url"
    assert len(_layout(tmp_path / "embmon.db")) == 1


def test_many_open_a_new_store_at_once(tmp_path: Path) -> None:
    """One makes the tables, the others wait for it."""
    several = [processes.started(processes.open_once, tmp_path) for _ in range(5)]
    assert processes.exit_codes(*several) == [0] * 5
    with opened(tmp_path) as store:
        assert store.spaces() == []
