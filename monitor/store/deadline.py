"""A time limit that holds even where the other side is frozen."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def silence_limit(descriptor: int, seconds: float) -> Iterator[Callable[..., None]]:
    """Shuts the connection `descriptor` down `seconds` after the last call of what is yielded.

    Whoever waits for an answer over it then gets the driver's error of a lost connection. Neither
    TCP's keepalive nor a server's own limits end such a wait: a frozen process still has a kernel
    that acknowledges.
    """
    until, over = time.monotonic() + seconds, threading.Event()

    def restart(*_: object) -> None:
        nonlocal until
        until = time.monotonic() + seconds

    def watch() -> None:
        while not over.wait(left := until - time.monotonic()):
            if left <= 0:
                with suppress(OSError):  # it was closed at the same moment
                    line.shutdown(socket.SHUT_RDWR)
                return

    with socket.socket(fileno=os.dup(descriptor)) as line:
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield restart
        finally:
            over.set()
            watcher.join()
