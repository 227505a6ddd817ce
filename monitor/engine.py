"""Where work on many files is done: here, or on the workers of Dask."""

from __future__ import annotations

import importlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlsplit

from monitor.errors import MissingExtra, MonitorError, UsageError
from monitor.parallel import alone

ALIVE = 64
"""Most results that exist before they are asked for."""

PATIENCE_S = 60.0
"""After so long without an answer it is asked whether there still are workers, and as long waited
for one."""

_LOCAL = ("127.0.0.1", "localhost", "::1")
_Chunk = TypeVar("_Chunk")
Submit = Callable[[], Any]


def run(
    chunks: Sequence[_Chunk], fn: Callable[[_Chunk], bytes], scheduler: str | None = None
) -> Iterator[tuple[int, bytes]]:
    """`fn(chunk)` of every chunk with its index, in their order, by workers of Dask.

    scheduler: address of one that runs; None begins workers on this machine, one a processor. A
    chunk whose worker dies is done again by another. What `fn` raises is raised here. A chunk that
    ended every worker that took it is left out, and MonitorError names it when the rest is done.
    """
    lost, rest = [], enumerate(chunks)
    with _client(scheduler) as client:
        given = client.submit(_itself, fn, pure=False)  # sent once, not with each chunk

        def submitted(chunk: _Chunk) -> Any:
            return client.submit(_done_alone, given, chunk, pure=False)

        waiting = deque((i, submitted(chunk)) for i, chunk in islice(rest, ALIVE))
        while waiting:
            index, future = waiting.popleft()
            others = [one for _, one in waiting]
            found = _answer(client, future, others, partial(submitted, chunks[index]))
            if found is None:
                lost.append(str(chunks[index]))
            else:
                yield index, found
            waiting.extend((i, submitted(chunk)) for i, chunk in islice(rest, 1))
    if lost:
        raise MonitorError(
            f"{', '.join(lost)} ended every worker that took it", "give the workers more memory"
        )


def _answer(client: Any, future: Any, others: Sequence[Any], again: Submit) -> bytes | None:
    """What a chunk came to; None where it ends workers.

    Dask suspects all chunks that waited on a worker that died. So a suspect is tried by itself.
    """
    found = _finished(client, future)
    if found is None:
        for one in others:
            _finished(client, one)
        found = _finished(client, again())
    return found


def _finished(client: Any, future: Any) -> bytes | None:
    """What a future came to; None where workers died of it. MonitorError where none is left."""
    distributed: Any = importlib.import_module("distributed")
    while True:
        try:
            distributed.wait(future, timeout=PATIENCE_S)
            found: bytes = future.result(PATIENCE_S)
            return found
        except distributed.KilledWorker:
            return None
        except TimeoutError:
            if future.status == "error":
                raise
            _await_worker(client)


def _await_worker(client: Any) -> None:
    """Waits for a worker: those that died are replaced, in seconds where the machine is busy.
    MonitorError where none comes."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE_S)
    except TimeoutError:
        raise MonitorError("no worker of Dask is left", "run it again") from None


def _itself(fn: Callable[[_Chunk], bytes]) -> Callable[[_Chunk], bytes]:
    return fn


def _done_alone(fn: Callable[[_Chunk], bytes], chunk: _Chunk) -> bytes:
    """There is a worker a processor: each does with one."""
    with alone():
        return fn(chunk)


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
    local: dict[str, Any] = {"host": _LOCAL[0], "dashboard_address": f"{_LOCAL[0]}:0"}
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
