"""Rows of a service on their way to files: whole, without waiting, counted."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.errors import UsageError
from monitor.traffic_log import TrafficLog


def until(true: Callable[[], bool]) -> None:
    """Waits until it is so, half a minute at most."""
    ends = time.monotonic() + 30
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


def read(folder: Path) -> pa.Table:
    """All that was written."""
    return pa.concat_tables([pq.read_table(path) for path in sorted(folder.glob("*.parquet"))])


def test_rows_come_back_as_they_were_logged(tmp_path: Path) -> None:
    """Vectors and columns of many calls, one value for all included; the caller's array is free."""
    rng = np.random.default_rng(0)
    wanted = rng.normal(size=(60, 4)).astype(np.float32)
    buffer = np.empty((6, 4), np.float32)
    log = TrafficLog(tmp_path / "deep" / "in")
    for first in range(0, 60, 6):
        buffer[:] = wanted[first : first + 6]
        names = [str(n) for n in range(first, first + 6)]
        assert log.log(buffer, {"id": names, "country": ["de"]})
    assert log.log(wanted[0], {"id": ["last"], "country": ["fr"]})
    log.close()
    table = read(tmp_path / "deep" / "in")
    found = np.stack(table["vector"].combine_chunks().to_numpy(zero_copy_only=False))
    np.testing.assert_array_equal(found, np.vstack([wanted, wanted[:1]]))
    assert table["id"].to_pylist() == [*(str(n) for n in range(60)), "last"]
    assert set(table["country"].to_pylist()) == {"de", "fr"}
    assert log.counts.written == 61


def test_a_file_is_written_when_enough_rows_wait(tmp_path: Path) -> None:
    """By size, long before the time has come."""
    log = TrafficLog(tmp_path, rows=100, seconds=3600)
    for _ in range(4):
        log.log(np.zeros((30, 2)), {})
    until(lambda: log.counts.written == 120)
    assert log.counts.waiting == 0
    log.close()


def test_a_file_is_written_when_rows_have_waited_long_enough(tmp_path: Path) -> None:
    """By time, however few they are."""
    log = TrafficLog(tmp_path, rows=10**9, seconds=0.05)
    log.log(np.zeros((1, 2)), {})
    until(lambda: log.counts.written == 1)
    log.close()


def test_a_full_disk_holds_nobody_up_and_what_is_dropped_is_counted(tmp_path: Path) -> None:
    """While nothing can be written rows wait, then are dropped; later what waited is written."""
    folder = tmp_path / "in"
    folder.write_text("a file is in the way")
    log = TrafficLog(folder, rows=10, seconds=0.05, most_waiting=100)
    taken = [log.log(np.full((10, 2), n), {}) for n in range(15)]
    assert taken == [True] * 10 + [False] * 5
    until(lambda: log.counts.error is not None)
    assert (log.counts.waiting, log.counts.dropped) == (100, 50)
    folder.unlink()
    log.close()
    assert (log.counts.written, log.counts.waiting, log.counts.dropped) == (100, 0, 50)
    assert sorted({row[0] for row in read(folder)["vector"].to_pylist()}) == list(range(10))


def test_rows_of_other_columns_or_dimensions_go_into_a_file_of_their_own(tmp_path: Path) -> None:
    """Nothing is lost where a deploy changes what is logged."""
    log = TrafficLog(tmp_path)
    log.log(np.zeros((2, 3)), {})
    log.log(np.zeros((2, 5)), {})
    log.log(np.zeros((2, 5)), {"country": ["de"]})
    log.close()
    schemas = {str(pq.read_schema(path).names) for path in tmp_path.glob("*.parquet")}
    assert len(list(tmp_path.glob("*.parquet"))) == 3
    assert schemas == {"['vector']", "['vector', 'country']"}


def test_threads_share_a_log(tmp_path: Path) -> None:
    """Every row of eight threads is there once."""
    log = TrafficLog(tmp_path, rows=50, seconds=0.01)

    def serve(worker: int) -> None:
        for n in range(100):
            log.log(np.zeros((1, 2)), {"id": [f"{worker}-{n}"]})

    threads = [threading.Thread(target=serve, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.close()
    ids = read(tmp_path)["id"].to_pylist()
    assert len(ids) == len(set(ids)) == 800


def _in_child(log: TrafficLog) -> None:
    log.log(np.ones((3, 2)), {})
    log.close()


def test_a_forked_worker_begins_with_an_empty_log(tmp_path: Path) -> None:
    """What waits in the parent is written by the parent alone."""
    log = TrafficLog(tmp_path, seconds=3600)
    log.log(np.zeros((2, 2)), {})
    child = multiprocessing.get_context("fork").Process(target=_in_child, args=(log,))
    child.start()
    child.join()
    assert child.exitcode == 0
    log.close()
    assert sorted(row[0] for row in read(tmp_path)["vector"].to_pylist()) == [0, 0, 1, 1, 1]


def test_what_waits_is_written_when_the_interpreter_ends(tmp_path: Path) -> None:
    """A service that forgets to close loses nothing at a normal end."""
    code = (
        "import sys; from pathlib import Path; from monitor.traffic_log import TrafficLog;"
        "TrafficLog(Path(sys.argv[1])).log([[1.0, 2.0]], {})"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
    assert read(tmp_path).num_rows == 1


@pytest.mark.parametrize(
    ("vectors", "columns", "message"),
    [
        (np.zeros((2, 2, 2)), {}, "vectors of shape (2, 2, 2) are no rows"),
        (np.zeros((2, 0)), {}, "vectors of shape (2, 0) are no rows"),
        (np.zeros((3, 2)), {"id": ["a", "b"]}, "column 'id' has 2 values for 3 rows"),
    ],
)
def test_what_cannot_be_rows_is_refused_at_once(
    tmp_path: Path, vectors: np.ndarray, columns: dict[str, list[str]], message: str
) -> None:
    """The caller hears of it, and nothing waits."""
    log = TrafficLog(tmp_path)
    with pytest.raises(UsageError) as caught:
        log.log(vectors, columns)
    assert caught.value.message == message
    assert log.counts.waiting == 0


def test_values_that_no_column_can_hold_are_dropped_and_counted(tmp_path: Path) -> None:
    """Without an error in the service, and without holding up the rows around them."""
    log = TrafficLog(tmp_path)
    for names in (["a", "b"], [1, "b"], ["c", "d"]):
        assert log.log(np.zeros((2, 2)), {"id": names})
    log.close()
    assert sorted(read(tmp_path)["id"].to_pylist()) == ["a", "b", "c", "d"]
    assert (log.counts.written, log.counts.waiting, log.counts.dropped) == (4, 0, 2)
    assert str(log.counts.error).startswith("rows that cannot be written: ")


def test_a_service_does_not_wait_for_an_import(tmp_path: Path) -> None:
    """pandas, which the first Arrow array brings in, is not imported by the thread that logs."""
    code = (
        "import sys, threading; from pathlib import Path; threading.Thread.start = lambda self: 0;"
        "from monitor.traffic_log import TrafficLog; log = TrafficLog(Path(sys.argv[1]));"
        "log.log([[1.0, 2.0]], {'text': ['a']}); print('pandas' in sys.modules);"
        "import os; os._exit(0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    command = [sys.executable, "-u", "-c", code, str(tmp_path)]
    ran = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert ran.stdout == "False\n"


def test_a_closed_log_takes_nothing(tmp_path: Path) -> None:
    """Rows logged after `close` would be lost without a word."""
    log = TrafficLog(tmp_path)
    log.close()
    with pytest.raises(UsageError) as caught:
        log.log(np.zeros((2, 2)), {})
    assert caught.value.message == "the traffic log is closed"
