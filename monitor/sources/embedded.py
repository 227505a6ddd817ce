"""Vector databases that live in a folder: a copy to open, and which collection is meant."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path

from monitor.errors import SourceError
from monitor.sources.faults import printable, reading
from monitor.sources.nouns import File


class Copy:
    """A copy of a database's folder, gone when nothing refers to it any more.

    These databases write into what they open, lock it and bring older ones up to date. Raises
    SourceError where the folder holds anything but folders and files: a link may lead elsewhere.
    """

    def __init__(self, file: File, leave: Sequence[str] = ()) -> None:
        for path in file.path.rglob("*"):
            if path.is_symlink() or not (path.is_file() or path.is_dir()):
                shown = printable(path.relative_to(file.path))
                raise SourceError(
                    f"{file.name} holds {shown}, which is no regular file",
                    "copy the folder with what its links lead to: cp -rL",
                )
        top = tempfile.mkdtemp(prefix="embmon-")
        weakref.finalize(self, shutil.rmtree, top, ignore_errors=True)
        self.path = Path(top) / "copy"
        with reading(file.name):
            shutil.copytree(file.path, self.path, ignore=shutil.ignore_patterns(*leave))


def chosen_collection(file: File, known: Sequence[str]) -> str:
    """The collection that `#NAME` names, or the only one. Raises SourceError."""
    asked = file.option("part")
    if asked is None and len(known) == 1:
        return known[0]
    if asked is None or asked not in known:
        which = "several collections" if asked is None else f"no collection {printable(asked)!r}"
        shown = ", ".join(map(printable, known[:20]))
        raise SourceError(
            f"{file.name} has {which if known else 'no collections'}",
            f"name one with #NAME; it has: {shown or 'none'}",
        )
    return asked
