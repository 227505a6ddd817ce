"""Files that are there whole, private and on the disk, or not there at all."""

from __future__ import annotations

import os
from pathlib import Path


def open_private(path: Path) -> int:
    """Descriptor of the new file `path`, mode 0640 whatever the umask; FileExistsError if it is."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)
    os.fchmod(descriptor, 0o640)
    return descriptor


def made_durable(unfinished: Path, target: Path) -> None:
    """Puts the written file `unfinished` in the place of `target`, safe against a power cut.

    Raises OSError where a step fails, fsync included; then `target` is what it was before.
    """
    _synced(unfinished)
    os.replace(unfinished, target)
    _synced(target.parent)


def made_folder(folder: Path) -> None:
    """Makes `folder` and what lies above it, safe against a power cut."""
    if not folder.is_dir():
        made_folder(folder.parent)
        folder.mkdir(mode=0o750, exist_ok=True)
        _synced(folder.parent)


def _synced(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
