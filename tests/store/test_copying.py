"""A store moved from one database to another answers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.store import Store, copied, open_store
from tests.postgres import Cluster
from tests.store.world import NOW, URL_FILE, delivery, fill, hour, ingest, opened, run, verdict


def answers(store: Store) -> list[Any]:
    """What every part of a store says."""
    return [
        store.spaces(),
        store.versions("dishes"),
        store.version_blob("dishes", "v1"),
        store.basis("dishes"),
        store.references("dishes"),
        store.windows("dishes", "basis-1"),
        store.runs("dishes"),
        repr(store.history("dishes")),
        store.superseded("dishes", "m", hour(1)),
        store.alert_states(),
        store.flips("dishes"),
        store.deliveries(),
        store.marks("dishes"),
        [store.blobs.get(digest) for digest, _ in store.blobs.files()],
    ]


@pytest.fixture
def moved(tmp_path: Path, postgres: Cluster, postgres_store: str) -> Any:
    """A store filled on SQLite, and the same on PostgreSQL."""
    with postgres.database(postgres_store) as url, opened(tmp_path) as source:
        fill(source)
        (tmp_path / "pg").mkdir()
        (tmp_path / "pg" / URL_FILE).write_text(url)
        with opened(tmp_path / "pg") as target:
            yield source, target, copied(source, target)


def test_there_and_back(moved: tuple[Store, Store, Any], tmp_path: Path) -> None:
    """SQLite to PostgreSQL to SQLite: each answers as the one before."""
    source, target, report = moved
    assert report.blobs == len(list(target.blobs.files())) == 6
    assert answers(target) == answers(source)
    assert list(target.problems()) == []
    with opened(tmp_path / "back") as back:
        assert copied(target, back) == report
        assert answers(back) == answers(source)


def test_a_copy_goes_on(moved: tuple[Store, Store, Any]) -> None:
    """New rows are numbered after those that were copied, and leases after those that were held."""
    _, target, _ = moved
    ingest(target, "day=2", "source-2", {2: "c"})
    target.record_check(run("run-3", 2), [verdict(2), verdict(0, "warn")], [], [delivery("d3")])
    assert [row.word for row in target.history("dishes")] == ["warn", "drift", "ok"]
    with target.lock("m", "host-2:1", 60, NOW) as lease:
        assert lease.fence == 2


def test_a_store_that_holds_something_is_not_overwritten(
    moved: tuple[Store, Store, Any],
) -> None:
    """The error names it."""
    source, target, _ = moved
    with pytest.raises(UsageError) as caught:
        copied(source, target)
    assert caught.value.message == f"the store {target.database.name} is not empty"


def test_a_damaged_blob_is_not_copied(tmp_path: Path) -> None:
    """The copy stays empty, so that the same command can be run again."""
    with opened(tmp_path) as source, opened(tmp_path / "new") as target:
        fill(source)
        path = source.blobs.path(source.version_blob("dishes", "v1"))
        path.write_bytes(b"other")
        with pytest.raises(MonitorError) as caught:
            copied(source, target)
        assert caught.value.message.startswith(f"blob sha256:{path.parent.name}{path.name} is dam")
        assert target.spaces() == []
        path.write_bytes(b"vectors")
        copied(source, target)
        assert answers(target)[:-1] == answers(source)[:-1]


def test_others_may_write_meanwhile(tmp_path: Path) -> None:
    """The copy holds what was committed when its rows were read."""
    with opened(tmp_path) as source, source.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO spaces VALUES ('new', 3, '{}', '2026')")
        with opened(tmp_path / "new") as target:
            copied(source, target)
            assert target.spaces() == []


def test_a_backup_is_private(tmp_path: Path) -> None:
    """As the store itself is."""
    with open_store(f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "blobs") as target:
        with opened(tmp_path) as source:
            fill(source)
            copied(source, target)
        blob = target.blobs.path(target.version_blob("dishes", "v1"))
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "b.db", blob)} == {0o640}
