"""A store in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.store import Store
from tests.store.world import NOW, opened


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
