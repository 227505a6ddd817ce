"""Immutable files named by the sha256 of their bytes: profiles, samples, snapshots, documents."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NamedTuple

from monitor.errors import MonitorError
from monitor.store.columns import checked_digest
from monitor.store.durable import made_durable, made_folder
from monitor.store.filelock import file_lock

_CHUNK = 1 << 20
_GC_WAIT_S = 60.0


class Found(NamedTuple):
    """What is known of a blob without reading it."""

    size: int
    written_at: datetime


class Blobs:
    """The folder `root`: finished blobs under `sha256/`, unfinished files under `unfinished/`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._desk = self.root / "unfinished"

    @property
    def name(self) -> str:
        """What messages call it."""
        return str(self.root)

    def require(self, digest: str) -> None:
        """Raises MonitorError where there is no such blob."""
        self.path(digest)

    def put(self, content: bytes) -> str:
        """Stores `content` and returns its digest, `sha256:...`; the same bytes once only.

        When this returns the blob is on the disk and young, so that `gc` spares it until a row
        points at it. Raises MonitorError naming the folder and the bytes where it cannot.
        """
        return self._put([content], len(content))

    def put_file(self, path: Path) -> str:
        """Like `put` with what the file `path` holds, in memory of constant size."""
        with path.open("rb") as file:
            return self._put(_chunks(file), path.stat().st_size)

    def get(self, digest: str) -> bytes:
        """The bytes stored under `digest`. Raises MonitorError if they are gone or damaged."""
        content = self.path(digest).read_bytes()
        self._compare(digest, hashlib.sha256(content).hexdigest())
        return content

    def path(self, digest: str) -> Path:
        """The file of `digest`, for memory-mapping; its bytes are not verified (see `verify`).

        Raises MonitorError if there is none.
        """
        path = self._place(digest)
        if not path.is_file():
            raise self._missing(digest)
        return path

    def verify(self, digest: str) -> None:
        """Reads the whole blob. Raises MonitorError if it is gone or damaged."""
        with self.path(digest).open("rb") as file:
            self._compare(digest, hashlib.file_digest(file, "sha256").hexdigest())

    def files(self, digests: Iterable[str] | None = None) -> Iterator[tuple[str, Found]]:
        """Digest, size and age of the finished blobs: of all, or of these as far as they exist."""
        for path in self._finished() if digests is None else map(self._place, digests):
            with suppress(FileNotFoundError):
                yield f"sha256:{path.parent.name}{path.name}", _found(path)

    def unfinished(self) -> Iterator[tuple[Path, Found]]:
        """Files that a `put` is writing, or was writing when it was killed."""
        for path in sorted(self._desk.glob("*")):
            with suppress(FileNotFoundError):
                yield path, _found(path)

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """While this lasts no `put` finishes, so that what looks old stays old."""
        with file_lock(self.root / "lock", wait_s=_GC_WAIT_S):
            yield

    def remove(self, digests: Iterable[str], unfinished: Iterable[Path]) -> None:
        """Deletes files; only inside `sweeping`, and only if no row points at them."""
        for path in (*map(self._place, digests), *unfinished):
            path.unlink(missing_ok=True)

    def _finished(self) -> list[Path]:
        return sorted(self.root.glob("sha256/??/*"))

    def _put(self, chunks: Iterable[bytes], size: int) -> str:
        unfinished = None
        try:
            descriptor, name = tempfile.mkstemp(dir=self._desk_made())
            unfinished = Path(name)
            digest = _written(descriptor, chunks)
            self._publish(unfinished, digest)
        except OSError as error:
            raise MonitorError(
                f"cannot write a blob of {size} bytes to {self.root}: {error.strerror}",
                "free some space or check the permissions, and run again",
            ) from error
        finally:
            if unfinished:
                unfinished.unlink(missing_ok=True)
        return digest

    def _desk_made(self) -> Path:
        made_folder(self._desk)
        return self._desk

    def _publish(self, unfinished: Path, digest: str) -> None:
        place = self._place(digest)
        made_folder(place.parent)
        with file_lock(self.root / "lock", shared=True, wait_s=_GC_WAIT_S):
            # Also where the blob is there already: it may be damaged, and it must become young.
            made_durable(unfinished, place)

    def _key(self, digest: str) -> str:
        return str(self._place(digest))

    def _place(self, digest: str) -> Path:
        name = checked_digest(digest).removeprefix("sha256:")
        return self.root / "sha256" / name[:2] / name[2:]

    def _missing(self, digest: str) -> MonitorError:
        return MonitorError(
            f"blob {digest} is missing in {self.name}",
            "restore it from a backup, or bring its source in again",
        )

    def _compare(self, digest: str, found: str) -> None:
        if digest != f"sha256:{found}":
            raise MonitorError(
                f"blob {digest} is damaged: {self._key(digest)} now holds sha256:{found}",
                "restore that file from a backup, or bring its source in again",
            )


def _found(path: Path) -> Found:
    status = path.stat()
    return Found(status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _written(descriptor: int, chunks: Iterable[bytes]) -> str:
    """Writes the chunks, closes the descriptor and returns the digest of what was written."""
    found = hashlib.sha256()
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, 0o640)
        for chunk in chunks:
            found.update(chunk)
            file.write(chunk)
    return f"sha256:{found.hexdigest()}"
