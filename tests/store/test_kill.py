"""Killed at any statement, fsync or rename: the same command again ends in the same store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.store import Store
from monitor.store.tables import leases, metadata
from tests.store.job import job
from tests.store.processes import die
from tests.store.world import opened

STRIDE = 8
"""Every eighth point; 1 visits all of the nearly 200, which takes half a minute."""

_fork = multiprocessing.get_context("fork")


def _killed_job(folder: Path, point: int) -> None:
    """The job, with a kill at the `point`-th statement, commit, fsync or rename."""
    left = iter(range(point, -1, -1))

    def step() -> None:
        if next(left) == 0:
            die()

    def before(function: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*arguments: Any) -> Any:
            step()
            return function(*arguments)

        return stepped

    os.fsync, os.replace = before(os.fsync), before(os.replace)
    sa.event.listen(sa.Engine, "before_cursor_execute", lambda *_: step())
    sa.event.listen(sa.Engine, "commit", lambda *_: step())
    job(folder)


def rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table, but for leases, which count every run."""
    tables = [table for table in metadata.sorted_tables if table is not leases]
    with store.database.read() as connection:
        return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in tables}


def test_a_kill_anywhere_is_mended_by_running_again(tmp_path: Path) -> None:
    """Whatever the kill left, a plain rerun gives the rows and blobs of an unbroken run."""
    job(tmp_path / "whole")
    with opened(tmp_path / "whole") as store:
        expected = rows(store)
        blobs = [digest for digest, _ in store.blobs.files()]
    kills = 0
    for point in range(0, 1000, STRIDE):
        folder = tmp_path / str(point)
        process = _fork.Process(target=_killed_job, args=(folder, point))
        process.start()
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        job(folder)
        with opened(folder) as store:
            assert rows(store) == expected, f"killed at step {point}"
            assert [digest for digest, _ in store.blobs.files()] == blobs
            assert list(store.problems()) == []
        kills += 1
    assert kills > 20
