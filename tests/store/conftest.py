"""A store in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store
from tests.postgres import Cluster
from tests.store.world import NOW, URL_FILE, opened


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Runs the test on both databases: what is `opened` in `tmp_path` is the one or the other."""
    if request.param == "sqlite":
        yield "sqlite"
        return
    postgres: Cluster = request.getfixturevalue("postgres")
    with postgres.database(request.getfixturevalue("postgres_store")) as url:
        (tmp_path / URL_FILE).write_text(url)
        yield "postgresql"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Store]:
    """A store with nothing in it."""
    with opened(tmp_path) as store:
        yield store


@pytest.fixture
def store(empty: Store) -> Store:
    """A store with a space of dimension 384 and a basis."""
    empty.ensure_space("dishes", {"encoder": "e5", "revision": None}, 384, NOW)
    empty.add_basis("dishes", "basis-1", empty.blobs.put(b"basis"), NOW)
    return empty
