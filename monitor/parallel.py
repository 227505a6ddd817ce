"""Work done by several threads at once, its results in the order of the jobs."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from threadpoolctl import threadpool_limits

_MOST = 8
_ALONE: ContextVar[bool] = ContextVar("_ALONE", default=False)
_WITHIN: ContextVar[bool] = ContextVar("_WITHIN", default=False)
_Job = TypeVar("_Job")
_Result = TypeVar("_Result")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def at_once(first: Callable[[], _Job], second: Callable[[], _Result]) -> tuple[_Job, _Result]:
    """What both give, the second worked out in a thread beside the first.

    >>> at_once(lambda: 1 + 1, lambda: "2")
    (2, '2')
    """
    with ThreadPoolExecutor(1) as pool:
        beside = pool.submit(second)
        return first(), beside.result()


@contextmanager
def alone() -> Iterator[None]:
    """Within, `mapped` works in the calling thread: the other processors have work of their own."""
    before = _ALONE.set(True)
    try:
        yield
    finally:
        _ALONE.reset(before)


def mapped(work: Callable[[_Job], _Result], jobs: Iterable[_Job]) -> Iterator[_Result]:
    """`work(job)` of each of the jobs, in their order, by a thread a processor, at most eight.

    Jobs are taken in the calling thread, only one more than there are threads before the first
    result is asked for: so they may be read from a file meanwhile, and what is held at once is
    bounded. Each thread multiplies matrices alone, because BLAS threads that wait for each other
    cost more than they bring; nor do sums then depend on the number of processors. Within `work`
    the calling thread does the jobs of another `mapped`. What `work` raises is raised here.

    >>> list(mapped(abs, [-2, 1, -3]))
    [2, 1, 3]
    """
    if _WITHIN.get():
        yield from map(work, jobs)
        return
    if _ALONE.get():
        with threadpool_limits(1, "blas"):
            yield from map(work, jobs)
        return

    def within(job: _Job) -> _Result:
        _WITHIN.set(True)  # of the thread of the pool, which ends with it
        return work(job)

    threads = min(processors(), _MOST)
    waiting: deque[Future[_Result]] = deque()
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
        try:
            for job in jobs:
                waiting.append(pool.submit(within, job))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
