"""How the database file is made, shared, and what is said when it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.errors import Busy, MonitorError, UsageError
from monitor.store import Store, open_store
from monitor.store.filesystem import network_filesystem
from monitor.store.tables import marks
from tests.store import processes
from tests.store.world import NOW, fill, opened, run


@pytest.mark.parametrize("umask", [0, 0o077])
def test_the_file_is_private_and_durable(tmp_path: Path, umask: int) -> None:
    """Mode 0640 whatever the umask, a write-ahead log, synced commits, foreign keys."""
    before = os.umask(umask)
    try:
        with opened(tmp_path / "new" / "folder") as store:
            store.ensure_space("dishes", {}, 3, NOW)
            with store.database.read() as connection:
                asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
                found = [connection.exec_driver_sql(f"PRAGMA {a}").scalar() for a in asked]
            modes = {p.stat().st_mode & 0o777 for p in store.database.path.parent.glob("*.db*")}
    finally:
        os.umask(before)
    assert found == ["wal", 2, 1, 10_000]
    assert modes == {0o640, 0o750 & ~umask}


def test_what_is_deleted_is_overwritten(tmp_path: Path) -> None:
    """Neither free pages nor the write-ahead log hold what was there before."""
    with opened(tmp_path) as store:
        store.ensure_space("dishes", {}, 3, NOW)
        for n in range(30):
            store.add_mark("dishes", f"canary {n} " * 100, NOW, NOW)
        with store.database.write() as connection:
            connection.execute(marks.delete())
        store.database.forget()
        assert b"canary" not in b"".join(
            p.read_bytes() for p in tmp_path.glob("*.db*") if p.is_file()
        )


def test_a_locked_database_is_busy(tmp_path: Path) -> None:
    """A writer that waits in vain says so and leaves with 75; readers do not even wait."""
    with opened(tmp_path) as other, opened(tmp_path, "?timeout=0.05") as store:
        other.ensure_space("dishes", {}, 3, NOW)
        with other.database.write():
            with pytest.raises(Busy) as caught:
                store.add_mark("dishes", "deploy", NOW, NOW)
            assert [space.name for space in store.spaces()] == ["dishes"]
    assert caught.value.message == f"the store {store.database.path} is locked by another process"
    assert (caught.value.hint, caught.value.exit_code) == ("try again later", 75)


def test_an_exception_rolls_everything_back(store: Store) -> None:
    """What was written before the exception is not there after it."""
    with pytest.raises(ZeroDivisionError), store.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM bases")
        raise ZeroDivisionError
    assert store.basis("dishes") is not None


def test_a_reader_sees_one_state(store: Store, tmp_path: Path) -> None:
    """Two queries in one transaction agree, whatever is committed between them."""
    count = "SELECT count(*) FROM runs"
    with opened(tmp_path) as other, store.database.read() as connection:
        before = connection.exec_driver_sql(count).scalar()
        other.record_check(run("r1"))
        assert connection.exec_driver_sql(count).scalar() == before == 0
    assert len(store.runs("dishes")) == 1


def test_many_writers(store: Store, tmp_path: Path) -> None:
    """Processes that write at the same time wait for each other, and nothing is lost."""
    writers = [processes.started(processes.record_many, tmp_path, name, 40) for name in "abc"]
    assert processes.exit_codes(*writers) == [0, 0, 0]
    assert len(store.runs("dishes")) == store.pending_count() == 120


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("embmon.db", "[store] url is not a database URL"),
        ("sqlite://", "[store] url names no file"),
        ("sqlite:///:memory:", "[store] url names no file"),
        (
            "mysql://ada:secret@host/db",
            "[store] url is of kind 'mysql'; sqlite and postgresql are known",
        ),
    ],
)
def test_urls_that_cannot_be_used(tmp_path: Path, url: str, message: str) -> None:
    """The error names the key and never shows a password."""
    with pytest.raises(UsageError) as caught:
        open_store(url, tmp_path)
    assert caught.value.message == message
    assert caught.value.hint.startswith("write sqlite:///embmon.db")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A text file is refused and left alone."""
    (tmp_path / "embmon.db").write_text("some text, long enough to be looked at " * 20)
    with pytest.raises(MonitorError) as caught:
        opened(tmp_path)
    where = tmp_path / "embmon.db"
    message = f"the store {where} is not a SQLite database: file is not a database"
    assert caught.value.message == message
    assert where.read_text().startswith("some text")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """The error names the path and the system's reason."""
    (tmp_path / "file").write_text("")
    with pytest.raises(MonitorError) as caught:
        opened(tmp_path / "file" / "folder")
    where = tmp_path / "file" / "folder" / "embmon.db"
    assert caught.value.message == f"cannot create the store {where}: Not a directory"


def test_damage_is_told(tmp_path: Path) -> None:
    """A database whose pages were overwritten is called damaged, with a remedy."""
    with opened(tmp_path) as store:
        fill(store)
    path = tmp_path / "embmon.db"
    content = bytearray(path.read_bytes())
    content[4096:] = bytes(b ^ 0xA5 for b in content[4096:])
    path.write_bytes(content)
    with pytest.raises(MonitorError) as caught:
        opened(tmp_path).spaces()
    assert caught.value.message.startswith(f"the store {path} is damaged: ")
    assert caught.value.hint == "restore it from a backup"


def test_exceptions_do_not_show_rows(store: Store) -> None:
    """A failing statement does not print the values it was given."""
    with pytest.raises(Exception) as caught, store.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (?)", ("a secret",))
    assert "a secret" not in str(caught.value)


def test_network_file_systems_are_known() -> None:
    """The innermost mount decides; its name is read with the kernel's escapes."""
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\nnas:/a /mnt/my\\040data nfs4 rw 0 0\n"
        "tmpfs /mnt/my\\040data/fast tmpfs rw 0 0\n"
    )
    assert network_filesystem(Path("/mnt/my data/x.db"), mounts) == "nfs4"
    assert network_filesystem(Path("/mnt/my data/fast/x.db"), mounts) is None
    assert network_filesystem(Path("/home/x.db"), mounts) is None


def test_a_store_on_a_network_file_system_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite would be damaged there; the URL can say that one host alone uses it."""
    monkeypatch.setattr("monitor.store.filesystem._mounts", lambda: "nas:/a / nfs4 rw 0 0\n")
    with pytest.raises(UsageError) as caught:
        opened(tmp_path)
    assert caught.value.message == (
        f"the store {tmp_path / 'embmon.db'} lies on a network file system (nfs4), "
        "where SQLite is not safe"
    )
    with opened(tmp_path, "?network=allow") as store:
        assert store.spaces() == []
