"""A store to try things on."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.errors import MonitorError
from monitor.store import open_store, rehearsal
from monitor.store.tables import store_schema
from tests.store.world import NOW, fill, opened, url_of


def test_what_is_written_to_it_never_reaches_the_store(either: str, tmp_path: Path) -> None:
    """It sees the rows and blobs that are there, and keeps its own to itself."""
    (tmp_path / "dry").mkdir()
    with opened(tmp_path) as store:
        fill(store)
        before, files = store.deliveries(), list(store.blobs.files())
        with rehearsal(url_of(tmp_path), store.blobs.root, tmp_path / "dry") as dry:
            assert dry.deliveries() == before
            dry.ensure_space("queries", {}, 4, NOW)
            new = dry.blobs.put(b"new")
            assert dry.blobs.get(new) == b"new"
            for digest, _ in files:
                dry.blobs.require(digest)
                assert dry.blobs.get(digest) == dry.blobs.path(digest).read_bytes()
            assert len(dry.spaces()) == len(store.spaces()) + 1
        assert (store.deliveries(), list(store.blobs.files())) == (before, files)


def test_where_there_is_no_store_none_is_made(tmp_path: Path) -> None:
    """A dry run in an empty folder leaves it empty."""
    (tmp_path / "dry").mkdir()
    with rehearsal(f"sqlite:///{tmp_path}/no.db", tmp_path / "blobs", tmp_path / "dry") as dry:
        assert dry.spaces() == []
    assert [path.name for path in tmp_path.iterdir()] == ["dry"]


def test_a_store_of_an_older_release_is_not_migrated_for_it(tmp_path: Path) -> None:
    """The message says what to do first."""
    url = f"sqlite:///{tmp_path}/embmon.db"
    with open_store(url, tmp_path / "blobs") as store, store.database.write() as connection:
        connection.execute(sa.insert(store_schema).values(version=-1))
        connection.execute(sa.delete(store_schema).where(store_schema.c.version == 1))
    (tmp_path / "dry").mkdir()
    with pytest.raises(MonitorError) as caught:
        rehearsal(url, tmp_path / "blobs", tmp_path / "dry")
    assert caught.value.message == (
        f"the store {tmp_path}/embmon.db has schema -1, and a dry run needs 1"
    )
    assert caught.value.hint == "embmon store upgrade"
