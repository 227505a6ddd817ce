"""Blobs in a bucket of S3, or of anything that speaks its protocol."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from monitor.errors import Busy, MissingExtra, MonitorError, UsageError
from monitor.store.blobs import Blobs, Found
from monitor.store.columns import checked_digest

CONNECT_S, ANSWER_S, TRIES = 5, 20, 4
"""Limits of one attempt in seconds, and how many there are where the server is busy or away."""


class S3Blobs(Blobs):
    """The blobs below `s3://BUCKET/PREFIX`; what has to be a file is kept in the folder `cache`.

    Keys, region and endpoint come from where AWS's tools look for them. An object appears whole or
    not at all, under the sha256 of its bytes, so that writers of the same one cannot disagree.
    """

    def __init__(self, url: str, cache: Path) -> None:
        super().__init__(cache)
        self._cache = Blobs(cache)
        self.url = _checked(url)
        self._fs = _filesystem()

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.url

    def require(self, digest: str) -> None:
        """Raises MonitorError where there is no such blob."""
        if not self._asked("look for", lambda: self._fs.exists(self._key(digest))):
            raise self._missing(digest)

    def get(self, digest: str) -> bytes:
        """The bytes stored under `digest`. Raises MonitorError if they are gone or damaged."""
        content: bytes = self._fetched(digest, lambda: self._fs.cat_file(self._key(digest)))
        self._compare(digest, hashlib.sha256(content).hexdigest())
        return content

    def path(self, digest: str) -> Path:
        """A local copy, verified when it was fetched. Raises MonitorError if there is no blob."""
        with suppress(MonitorError):
            return self._cache.path(digest)
        with tempfile.NamedTemporaryFile(dir=self._desk_made()) as copy:
            self._fetched(digest, lambda: self._fs.get_file(self._key(digest), copy.name))
            found = self._cache.put_file(Path(copy.name))
        self._compare(digest, found.removeprefix("sha256:"))
        return self._cache.path(digest)

    def verify(self, digest: str) -> None:
        """Reads the whole blob. Raises MonitorError if it is gone or damaged."""
        self.get(digest)

    def files(self, digests: Iterable[str] | None = None) -> Iterator[tuple[str, Found]]:
        """Digest, size and age of the blobs: of all, or of these as far as they exist."""
        listed = self._asked("list", lambda: self._fs.find(self.url + "/sha256", detail=True))
        found = {
            "sha256:" + "".join(key.split("/")[-2:]): Found(info["size"], info["LastModified"])
            for key, info in sorted(listed.items())
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
        """Deletes blobs."""
        for digest in digests:
            self._asked("delete", lambda digest=digest: self._fs.rm_file(self._key(digest)))

    def _put(self, chunks: Iterable[bytes], size: int) -> str:
        # Also where the blob is there already: it may be damaged, and it must become young.
        with tempfile.NamedTemporaryFile(dir=self._desk_made()) as whole:
            found = hashlib.sha256()
            for chunk in chunks:
                found.update(chunk)
                whole.write(chunk)
            whole.flush()
            digest = f"sha256:{found.hexdigest()}"
            self._asked("write to", lambda: self._fs.put_file(whole.name, self._key(digest)))
        return digest

    def _key(self, digest: str) -> str:
        name = checked_digest(digest).removeprefix("sha256:")
        return f"{self.url}/sha256/{name[:2]}/{name[2:]}"

    def _fetched(self, digest: str, fetch: Any) -> Any:
        try:
            return self._asked("read from", fetch)
        except FileNotFoundError:
            raise self._missing(digest) from None

    def _asked(self, verb: str, ask: Any) -> Any:
        """The answer of the server, or what its error means for the user."""
        from botocore.exceptions import BotoCoreError

        try:
            return ask()
        except FileNotFoundError:
            raise
        except PermissionError as error:
            raise MonitorError(
                f"may not {verb} {self.url}: {error}",
                "check the keys, and what they are allowed to do with this bucket",
            ) from None
        except (OSError, BotoCoreError, TimeoutError) as error:
            raise Busy(
                f"cannot {verb} {self.url} now: {error}", "nothing was stored; run again"
            ) from None


def _checked(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme != "s3" or "::" in rest or not rest.split("/")[0] or ".." in rest.split("/"):
        raise UsageError(
            "[store] blobs is neither a folder nor s3://BUCKET/PREFIX", "write one of the two"
        )
    return url.rstrip("/")


def _filesystem() -> Any:
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise MissingExtra("s3fs", "s3") from None
    limits = {"connect_timeout": CONNECT_S, "read_timeout": ANSWER_S}
    retries = {"max_attempts": TRIES, "mode": "standard"}
    made = S3FileSystem(
        config_kwargs={**limits, "retries": retries},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    made.retries = 1  # botocore's own are enough
    return made
