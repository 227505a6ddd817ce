"""A part of a bucket of S3, or of anything that speaks its protocol: whole objects, clear errors.

Written with s3fs: an upload that fails or is cut off leaves no object. The streams of pyarrow, with
which sources are read from three clouds, publish what they hold whenever they are closed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from monitor.errors import Busy, MissingExtra, MonitorError, UsageError

CONNECT_S, ANSWER_S, TRIES = 5, 20, 4
"""Limits of one attempt in seconds, and how many there are where the server is busy or away."""

_T = TypeVar("_T")


def cache_folder() -> Path:
    """Where copies of objects are kept: `embmon` in XDG_CACHE_HOME, by default `~/.cache`.

    Raises UsageError for an account without a home, where that variable is not set.
    """
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache", "embmon").expanduser()
    except RuntimeError:
        raise UsageError(
            "this account has no home to keep copies of objects in",
            "set XDG_CACHE_HOME to a folder that can be written",
        ) from None


class Bucket:
    """The objects below `s3://BUCKET/PREFIX`, by their keys below it; `setting` names it in errors.

    Keys, region and endpoint come from where AWS's tools look for them. Every method raises
    MonitorError at once where the server refuses, Busy where it is away or too slow, and
    FileNotFoundError where there is no such object.
    """

    def __init__(self, url: str, setting: str) -> None:
        self.url = _checked(url, setting)
        self._fs = _filesystem()

    def place(self, key: str) -> str:
        """What messages call an object."""
        return f"{self.url}/{key}"

    def has(self, key: str) -> bool:
        """Whether there is such an object."""
        return self._asked("look for", lambda: bool(self._fs.exists(self.place(key))))

    def get(self, key: str) -> bytes:
        """The bytes of an object."""
        return self._asked("read from", lambda: bytes(self._fs.cat_file(self.place(key))))

    def fetch(self, key: str, out: Path) -> None:
        """Copies an object to the file `out`."""
        self._asked("read from", lambda: self._fs.get_file(self.place(key), str(out)))

    def put_file(self, path: Path, key: str, kind: str = "application/octet-stream") -> None:
        """Copies a file into an object of this media type, whole or not at all."""
        self._asked(
            "write to", lambda: self._fs.put_file(str(path), self.place(key), ContentType=kind)
        )

    def listed(self, below: str = "") -> dict[str, dict[str, Any]]:
        """Keys below a part of it, with `size` and `LastModified`, sorted."""
        where = f"{self.url}/{below}".rstrip("/")
        found = self._asked("list", lambda: self._fs.find(where, detail=True))
        top = len(self.url.removeprefix("s3://")) + 1
        return {key[top:]: info for key, info in sorted(found.items())}

    def remove(self, keys: Iterable[str]) -> None:
        """Deletes objects, those that are not there included."""
        for key in keys:
            with suppress(FileNotFoundError):
                self._asked("delete from", partial(self._fs.rm_file, self.place(key)))

    def _asked(self, verb: str, ask: Callable[[], _T]) -> _T:
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


def _checked(url: str, setting: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme != "s3" or "::" in rest or not rest.split("/")[0] or ".." in rest.split("/"):
        raise UsageError(
            f"{setting} is neither a folder nor s3://BUCKET/PREFIX", "write one of the two"
        )
    return url.rstrip("/")


def _filesystem() -> Any:
    try:
        from s3fs import S3FileSystem
    except ImportError:
        raise MissingExtra("s3fs", "s3") from None
    limits = {"connect_timeout": CONNECT_S, "read_timeout": ANSWER_S}
    retries = {"total_max_attempts": TRIES, "mode": "standard"}
    made = S3FileSystem(
        config_kwargs={**limits, "retries": retries},
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    made.retries = 1  # botocore's own are enough
    return made
