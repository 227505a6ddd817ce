"""A store to try things on: it begins as a copy of the real one, which is only read."""

from __future__ import annotations

from pathlib import Path

from monitor.store.blobs import Blobs
from monitor.store.connect import connected
from monitor.store.copying import copied_rows, require_newest
from monitor.store.database import Database
from monitor.store.migrations import schema_of
from monitor.store.store import Store, open_store, opened_blobs


class LaidOver(Blobs):
    """Reads what lies in the folder `root` or `below` it, writes to `root` alone."""

    def __init__(self, root: Path, below: Blobs) -> None:
        super().__init__(root)
        self._below = below

    def require(self, digest: str) -> None:
        """Raises MonitorError where there is no such blob."""
        if not self._has(digest):
            self._below.require(digest)

    def get(self, digest: str) -> bytes:
        """The bytes stored under `digest`. Raises MonitorError if they are gone or damaged."""
        return super().get(digest) if self._has(digest) else self._below.get(digest)

    def path(self, digest: str) -> Path:
        """The file of `digest`. Raises MonitorError if there is none."""
        return super().path(digest) if self._has(digest) else self._below.path(digest)

    def _has(self, digest: str) -> bool:
        return self._place(digest).is_file()


def rehearsal(url: str, blobs: Path | str, folder: Path) -> Store:
    """A store in the empty `folder` with the rows of that at `url`; blobs stay where they are.

    Where there is no store yet, none is made: the rehearsal begins with an empty one. Raises
    MonitorError for a store that had to be migrated first.
    """
    scratch = open_store(f"sqlite:///{folder / 'embmon.db'}", folder / "blobs")
    database = connected(url)
    if database.exists():
        _copy(database, scratch.database)
    database.close()
    return Store(scratch.database, LaidOver(folder / "blobs", opened_blobs(blobs)))


def _copy(source: Database, target: Database) -> None:
    with source.read() as reading, target.write() as writing:
        if schema_of(reading, source):
            require_newest(reading, source)
            copied_rows(reading, writing, target)
