"""A lock that the kernel drops when its holder dies, for processes of one host."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.errors import Busy


@contextmanager
def file_lock(path: Path, *, shared: bool = False, wait_s: float = 0.0) -> Iterator[None]:
    """Holds the lock of the file `path`, which is made if need be and left in place.

    Any number may hold it `shared`, or one alone. Raises Busy naming the file once `wait_s` have
    passed without it.
    """
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        _take(descriptor, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, wait_s)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, kind: int, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            return fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise Busy(f"{path} is locked by another process", "try again later") from None
        time.sleep(0.01)
