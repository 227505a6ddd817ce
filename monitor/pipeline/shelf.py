"""Where reports lie: a folder, or a part of a bucket with a folder in front of it."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.config import Config

if TYPE_CHECKING:
    from monitor.bucket import Bucket


@dataclass(frozen=True)
class Shelf:
    """Pages are made in `folder`. With a bucket they are copied there, and which pages there are is
    asked of it: the folder may begin empty with every run."""

    folder: Path
    bucket: Bucket | None = None

    def address(self, name: str) -> str:
        """Where people find the page `name`, which is its path below the folder."""
        return str(self.folder / name) if self.bucket is None else self.bucket.place(name)

    def has(self, name: str) -> bool:
        """Whether there is such a page."""
        return (self.folder / name).is_file() if self.bucket is None else self.bucket.has(name)

    def pages(self, space: str) -> list[str]:
        """File names of the pages of a space, sorted."""
        if self.bucket is None:
            return sorted(path.name for path in (self.folder / space).glob("*.html"))
        names = [key.partition("/")[2] for key in self.bucket.listed(space + "/")]
        return [name for name in names if "/" not in name and name.endswith(".html")]

    def read(self, name: str) -> bytes | None:
        """What a file holds; None where there is none."""
        try:
            if self.bucket is None:
                return (self.folder / name).read_bytes()
            return self.bucket.get(name)
        except FileNotFoundError:
            return None

    def publish(self, *names: str) -> None:
        """Makes what lies in the folder under these names what people find; each of them whole."""
        for name in names if self.bucket else ():
            path = self.folder / name
            if self.bucket is not None and path.is_file():
                kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
                self.bucket.put_file(path, name, kind)

    def remove(self, names: Iterable[str]) -> None:
        """Deletes these files, as far as they are there."""
        gone = list(names)
        for name in gone:
            (self.folder / name).unlink(missing_ok=True)
        if self.bucket is not None:
            self.bucket.remove(gone)


def report_folder(config: Config) -> Path:
    """The folder in which reports are made."""
    where = config.report.dir
    if "://" not in where:
        return config.path(where)
    from monitor.bucket import cache_folder

    return cache_folder() / "reports" / hashlib.sha256(where.encode()).hexdigest()[:16]


def shelf(config: Config) -> Shelf:
    """Where the reports of these settings lie. Raises UsageError for another place than a folder
    or `s3://BUCKET/PREFIX`."""
    if "://" not in config.report.dir:
        return Shelf(report_folder(config))
    from monitor.bucket import Bucket

    return Shelf(report_folder(config), Bucket(config.report.dir, "[report] dir"))
