"""Where work on many files is done: here, or on the workers of Dask."""

from __future__ import annotations

import importlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit

from monitor.errors import MissingExtra, MonitorError, UsageError

ALIVE = 64
"""Most results that exist before they are asked for."""

_LOCAL = ("127.0.0.1", "localhost", "::1")
_Chunk = TypeVar("_Chunk")


def run(
    chunks: Sequence[_Chunk], fn: Callable[[_Chunk], bytes], scheduler: str | None = None
) -> Iterator[tuple[int, bytes]]:
    """`fn(chunk)` of every chunk with its index, in their order, by workers of Dask.

    scheduler: address of one that runs; None begins workers on this machine, one a processor. A
    chunk whose worker dies is done again by another. What `fn` raises is raised here; a chunk that
    has ended three workers raises MonitorError naming it.
    """
    with _client(scheduler) as client:
        waiting: deque[Any] = deque()
        for index, chunk in enumerate(chunks):
            waiting.append((index, client.submit(fn, chunk, pure=False)))
            if len(waiting) == ALIVE:
                yield _answer(chunks, *waiting.popleft())
        while waiting:
            yield _answer(chunks, *waiting.popleft())


def _answer(chunks: Sequence[_Chunk], index: int, future: Any) -> tuple[int, bytes]:
    from distributed import KilledWorker

    try:
        return index, future.result()
    except KilledWorker:
        raise MonitorError(
            f"{chunks[index]} ended every worker that took it", "give the workers more memory"
        ) from None


@contextmanager
def _client(scheduler: str | None) -> Iterator[Any]:
    if scheduler:
        _check(scheduler)
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise MissingExtra("distributed", "dask") from None
    if scheduler:
        with distributed.Client(scheduler) as client:
            yield client
        return
    workers = len(os.sched_getaffinity(0))
    local: dict[str, Any] = {"host": "127.0.0.1", "dashboard_address": ":0", "processes": True}
    with (
        distributed.LocalCluster(n_workers=workers, threads_per_worker=1, **local) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def _check(scheduler: str) -> None:
    """Refuses an address that is neither encrypted nor of this machine: whoever reaches a
    scheduler may run anything on its workers."""
    parts = urlsplit(scheduler)
    if parts.scheme == "tls" or (parts.scheme == "tcp" and parts.hostname in _LOCAL):
        return
    raise UsageError(
        f"[engine] scheduler {scheduler!r} is neither tls:// nor on this machine",
        "let the scheduler listen on tls://, and set distributed.comm.tls for its clients",
    )
