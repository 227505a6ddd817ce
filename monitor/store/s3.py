"""Blobs in a bucket of S3, or of anything that speaks its protocol."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from monitor.bucket import Bucket
from monitor.errors import MonitorError
from monitor.store.blobs import Blobs, Found
from monitor.store.columns import checked_digest

_T = TypeVar("_T")


class S3Blobs(Blobs):
    """The blobs below `s3://BUCKET/PREFIX`; what has to be a file is kept in the folder `cache`.

    An object appears whole or not at all, under the sha256 of its bytes, so that writers of the
    same one cannot disagree.
    """

    def __init__(self, url: str, cache: Path) -> None:
        super().__init__(cache)
        self._cache = Blobs(cache)
        self.bucket = Bucket(url, "[store] blobs")

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.bucket.url

    def require(self, digest: str) -> None:
        """Raises MonitorError where there is no such blob."""
        if not self.bucket.has(_object(digest)):
            raise self._missing(digest)

    def get(self, digest: str) -> bytes:
        """The bytes stored under `digest`. Raises MonitorError if they are gone or damaged."""
        content = self._fetched(digest, lambda: self.bucket.get(_object(digest)))
        self._compare(digest, hashlib.sha256(content).hexdigest())
        return content

    def path(self, digest: str) -> Path:
        """A local copy, verified when it was fetched. Raises MonitorError if there is no blob."""
        with suppress(MonitorError):
            return self._cache.path(digest)
        with tempfile.NamedTemporaryFile(dir=self._desk_made()) as copy:
            self._fetched(digest, lambda: self.bucket.fetch(_object(digest), Path(copy.name)))
            found = self._cache.put_file(Path(copy.name))
        self._compare(digest, found.removeprefix("sha256:"))
        return self._cache.path(digest)

    def verify(self, digest: str) -> None:
        """Reads the whole blob. Raises MonitorError if it is gone or damaged."""
        self.get(digest)

    def files(self, digests: Iterable[str] | None = None) -> Iterator[tuple[str, Found]]:
        """Digest, size and age of the blobs: of all, or of these as far as they exist."""
        found = {
            "sha256:" + "".join(key.split("/")[-2:]): Found(info["size"], info["LastModified"])
            for key, info in self.bucket.listed("sha256").items()
        }
        for digest in found if digests is None else digests:
            if digest in found:
                yield digest, found[digest]

    def unfinished(self) -> Iterator[tuple[Path, Found]]:
        """None: an upload that was cut off leaves no object."""
        yield from ()

    @contextmanager
    def sweeping(self) -> Iterator[None]:
        """Hosts share no lock; a row for a blob that went meanwhile is refused (`require`)."""
        yield

    def remove(self, digests: Iterable[str], unfinished: Iterable[Path]) -> None:
        """Deletes blobs, and the local copies of them."""
        gone = list(digests)
        self._cache.remove(gone, ())
        self.bucket.remove(map(_object, gone))

    def _put(self, chunks: Iterable[bytes], size: int) -> str:
        # Also where the blob is there already: it may be damaged, and it must become young.
        with tempfile.NamedTemporaryFile(dir=self._desk_made()) as whole:
            found = hashlib.sha256()
            for chunk in chunks:
                found.update(chunk)
                whole.write(chunk)
            whole.flush()
            digest = f"sha256:{found.hexdigest()}"
            self.bucket.put_file(Path(whole.name), _object(digest))
        return digest

    def _key(self, digest: str) -> str:
        return self.bucket.place(_object(digest))

    def _fetched(self, digest: str, fetch: Callable[[], _T]) -> _T:
        try:
            return fetch()
        except FileNotFoundError:
            raise self._missing(digest) from None


def _object(digest: str) -> str:
    name = checked_digest(digest).removeprefix("sha256:")
    return f"sha256/{name[:2]}/{name[2:]}"
