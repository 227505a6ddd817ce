"""S3, Google Cloud Storage and Azure: objects are fetched into a temporary folder, then read."""

from __future__ import annotations

import glob
import hashlib
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from monitor.errors import SourceError
from monitor.sources.address import Options, options_of
from monitor.sources.clouds import STORES
from monitor.sources.faults import printable
from monitor.sources.files import files
from monitor.sources.nouns import File

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo

SCHEMES = tuple(STORES)
SETTLED = timedelta(minutes=2)
"""As far as the clocks of a store and of this host may differ."""


@dataclass(frozen=True)
class Remote:
    """An address taken apart: scheme, path with its bucket, options behind it, Azure's account."""

    scheme: str
    path: str
    options: Options
    account: str | None = None

    @property
    def name(self) -> str:
        """Fit to print."""
        return printable(f"{self.scheme}://{self.path}")


def remote_files(url: str, top: Path) -> tuple[str, list[File], list[str]]:
    """What `files` gives, of objects that are fetched into the folder `top`.

    Credentials come from the environment. Raises SourceError where the store refuses.
    """
    remote = _remote(url)
    system = _asked(remote, lambda: STORES[remote.scheme](remote.account))
    for info in _asked(remote, lambda: _objects(system, remote)):
        _fetch(remote, system, info.path, top)
    kind, found, warnings = files(glob.escape(str(top)) + "/" + remote.path, remote.options)
    named = [
        replace(file, name=printable(f"{remote.scheme}://{file.path.relative_to(top)}"))
        for file in found
    ]
    return kind, named, [line.replace(f"{top}/", f"{remote.scheme}://") for line in warnings]


def remote_stamps(url: str, now: datetime) -> dict[str, str]:
    """What tells that an object is as it was, without fetching it, by the address of each object
    that a pattern means; of all together by `url` itself where it is no pattern, or where folders
    named `key=value` hold columns of the whole.

    Stores tell size and time, many of them to the second: "" until an object is older than
    `SETTLED`, since it might be written again in that same second.
    Raises SourceError where the store refuses, or nothing matches.
    """
    remote = _remote(url)
    found = _asked(remote, lambda: _objects(STORES[remote.scheme](remote.account), remote))
    stamps = {info.path: _stamp(info, now) for info in found}
    if not glob.has_magic(remote.path) or remote.options or any("=" in path for path in stamps):
        text = "\n".join(f"{path} {stamp}" for path, stamp in stamps.items())
        return {url: hashlib.sha256(text.encode()).hexdigest() if all(stamps.values()) else ""}
    bucket = url.partition("://")[2].partition("/")[0]
    address = f"{remote.scheme}://{bucket}/"
    return {address + path.partition("/")[2]: stamp for path, stamp in stamps.items()}


def _stamp(info: FileInfo, now: datetime) -> str:
    known = info.mtime is not None and info.mtime < now - SETTLED
    return f"{info.size} {info.mtime_ns}" if known else ""


def _remote(url: str) -> Remote:
    scheme, rest = re.fullmatch(r"(\w+)://(.*)", url, re.DOTALL).groups()  # type: ignore[union-attr]
    scheme = scheme.lower()
    path, _, part = rest.partition("#")
    options = options_of(f"#{part}") if part else ()
    first, slash, inside = path.partition("/")
    bucket, at, host = first.partition("@")
    if at and scheme.startswith("abfs") and ":" not in first:
        account = host.split(".")[0]
        return Remote(scheme, f"{bucket}{slash}{inside}".rstrip("/"), options, account)
    if at:
        raise SourceError(
            f"a {scheme}:// address holds a password",
            "leave it out; credentials come from the environment, such as AWS_ACCESS_KEY_ID",
        )
    return Remote(scheme, path.rstrip("/"), options)


def _objects(system: Any, remote: Remote) -> list[FileInfo]:
    """The objects that a key, a folder or a pattern names, by path."""
    from pyarrow import fs

    if not glob.has_magic(remote.path):
        (info,) = system.get_file_info([remote.path])
        if info.type == fs.FileType.File:
            return [info]
        if info.type == fs.FileType.NotFound:
            raise SourceError(f"there is no {remote.name}", "check the bucket and the key")
    fixed = remote.path.split("/")
    while glob.has_magic("/".join(fixed)):
        fixed.pop()
    selector = fs.FileSelector("/".join(fixed), recursive=True)
    found = [info for info in system.get_file_info(selector) if info.is_file]
    if glob.has_magic(remote.path):
        found = [info for info in found if _matches(info.path, remote.path)]
    if not found:
        raise SourceError(f"no object matches {remote.name}", "check the path and the pattern")
    return sorted(found, key=lambda info: info.path)


def _matches(path: str, pattern: str) -> bool:
    """Whether the path, or a folder above it, fits the pattern part by part."""
    parts, wanted = path.split("/"), pattern.split("/")
    if "**" in wanted:
        return fnmatchcase(path, pattern.replace("**/", "*"))
    return len(parts) >= len(wanted) and all(map(fnmatchcase, parts, wanted))


def _fetch(remote: Remote, system: Any, path: str, top: Path) -> None:
    target = top / path
    if not target.resolve().is_relative_to(top.resolve()):
        raise SourceError(f"{printable(path)!r} points outside its folder", "rename the object")
    target.parent.mkdir(parents=True, exist_ok=True)

    def copy() -> None:
        with system.open_input_stream(path) as source, open(target, "wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)

    _asked(remote, copy)


def _asked(remote: Remote, work: Callable[[], Any]) -> Any:
    """The answer of the store; what it refuses is told with its reason."""
    try:
        return work()
    except (OSError, pa.ArrowException) as error:
        reason = printable(re.sub(r"\s+", " ", str(error)))
        raise SourceError(
            f"{remote.name} cannot be fetched: {reason}",
            "check the address, and the credentials and the region in the environment",
        ) from error
