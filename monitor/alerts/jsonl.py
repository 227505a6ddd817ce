"""JSON-lines sink: one line a message at the end of a file, on disk before it counts as sent."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.alerts.message import encoded
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

_TRIES, _PAUSE_S = 50, 0.05


@dataclass(frozen=True)
class JsonLines:
    """Appends to `path`; a new file has mode 0640, an old one keeps its own."""

    path: Path

    def send(self, delivery: Delivery) -> None:
        """Append `delivery` whole or not at all; DeliveryError where the disk refuses."""
        line = encoded(delivery) + b"\n"
        try:
            descriptor = self._opened()
            try:
                _append(descriptor, line)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise DeliveryError(f"cannot append to {self.path}: {error.strerror}") from None

    def _opened(self) -> int:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # O_NONBLOCK: a pipe without a reader is an error, not a wait.
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            descriptor = os.open(self.path, flags | os.O_CREAT | os.O_EXCL, 0o640)
        except FileExistsError:
            return self._regular(os.open(self.path, flags))
        os.fchmod(descriptor, 0o640)
        _sync_folder(self.path.parent)
        return descriptor

    def _regular(self, descriptor: int) -> int:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DeliveryError(f"cannot append to {self.path}: it is not a regular file")
        return descriptor


def make(name: str, settings: SinkSettings, root: Path, _env: Mapping[str, str]) -> JsonLines:
    """The JSON-lines sink `name`, or UsageError where it names no file."""
    if not settings.path:
        raise UsageError(f"sink {name!r} names no file", 'write path = "alerts.jsonl"')
    return JsonLines(root / Path(settings.path).expanduser())


def _append(descriptor: int, line: bytes) -> None:
    _lock(descriptor)
    size = os.fstat(descriptor).st_size
    # A line that a crash cut short must not swallow this one.
    torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
    try:
        left = memoryview(b"\n" + line if torn else line)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, size)
        raise


def _lock(descriptor: int) -> None:
    """Wait a little for another writer; BlockingIOError where it does not let go."""
    for _ in range(_TRIES):
        with contextlib.suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(_PAUSE_S)
    raise BlockingIOError(errno.EAGAIN, "another process holds its lock")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
