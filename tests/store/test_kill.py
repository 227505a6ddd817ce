"""Killed at any statement, fsync or rename: the same command again ends in the same store."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.store import Store
from monitor.store.tables import leases, metadata
from tests.store.processes import die
from tests.store.world import NOW, alert, delivery, flip, ingest, opened, run, verdict

STRIDE = 5
"""Every fifth point; 1 visits all of the nearly 200, which takes half a minute."""

_fork = multiprocessing.get_context("fork")


def _job(folder: Path, hours: int = 0) -> None:
    """A small pipeline: everything a run of the monitor stores."""
    with opened(folder) as store, store.lock("m", "host-1:1", 60, NOW + timedelta(hours=hours)):
        store.ensure_space("dishes", {"encoder": "e5"}, 384, NOW)
        store.add_basis("dishes", "basis-1", store.blobs.put(b"basis"), NOW)
        ingest(store, "day=1", "s1", {0: "a", 1: "b"})
        ingest(store, "late", "s2", {0: "a", 1: "c"})
        document = store.blobs.put(b"{}")
        messages, states = [delivery("d1"), delivery("d2")], {"f1": alert()}
        made = run("r1", document=document)
        store.record_check(made, [verdict(0), verdict(1)], [flip()], messages, states)


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
    _job(folder)


def _rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    tables = [table for table in metadata.sorted_tables if table is not leases]
    with store.database.read() as connection:
        return {t.name: sorted(map(repr, connection.execute(sa.select(t)))) for t in tables}


def test_a_kill_anywhere_is_mended_by_running_again(tmp_path: Path) -> None:
    """Whatever the kill left, a plain rerun gives the rows and blobs of an unbroken run."""
    _job(tmp_path / "whole")
    with opened(tmp_path / "whole") as store:
        expected = _rows(store)
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
        _job(folder, 1)
        with opened(folder) as store:
            assert _rows(store) == expected, f"killed at step {point}"
            assert [digest for digest, _ in store.blobs.files()] == blobs
            assert list(store.problems()) == []
        kills += 1
    assert kills > 20
