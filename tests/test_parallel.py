"""Several threads at once, results in order, little held at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from monitor.parallel import mapped, processors


def test_results_come_in_the_order_of_the_jobs() -> None:
    """Also where the first job is done last."""
    second_done = threading.Event()

    def work(job: int) -> int:
        if job == 0 and processors() > 1:
            second_done.wait(10)
        if job == 1:
            second_done.set()
        return job * job

    assert list(mapped(work, range(20))) == [job * job for job in range(20)]


def test_jobs_are_taken_as_they_are_needed() -> None:
    """Never more than one ahead of the threads, so that a stream stays a stream."""
    taken = 0

    def jobs() -> Iterator[int]:
        nonlocal taken
        for job in range(1000):
            taken += 1
            yield job

    for done, _ in enumerate(mapped(abs, jobs())):
        assert taken <= done + min(processors(), 8) + 1


def test_work_within_work_stays_in_its_thread() -> None:
    """However deep: no more threads than there are processors, and results in order."""
    threads = set[int]()

    def inner(job: int) -> int:
        threads.add(threading.get_ident())
        return job + 1

    found = list(mapped(lambda job: list(mapped(inner, [job, job])), range(50)))
    assert found == [[job + 1, job + 1] for job in range(50)]
    assert len(threads) <= min(processors(), 8)
    assert threading.get_ident() not in threads


def test_an_error_of_the_work_is_raised_to_who_asked() -> None:
    """And the jobs behind it are not done."""
    with pytest.raises(ZeroDivisionError):
        list(mapped(lambda job: 1 // job, [1, 0, 1]))
