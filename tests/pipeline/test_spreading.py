"""Files profiled by workers of Dask end in the very rows that one process stores."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dask
import distributed
import pyarrow as pa
import pytest

from monitor import engine
from monitor.config import Config, EngineSettings, MonitorSettings, SinkSettings, StoreSettings
from monitor.errors import MonitorError, UsageError
from monitor.pipeline import Monitor, spreading
from monitor.pipeline.arrivals import ingested
from monitor.pipeline.spreading import Arrived
from tests.pipeline.conftest import stored_bytes, traffic

SETTINGS = MonitorSettings(space="q", source="days/*.parquet", at="at", entity="user", text="text")


def _stored(root: Path, kind: Any) -> tuple[Any, Any, Any]:
    monitor = Monitor(Config(root=root, engine=EngineSettings(kind=kind)))
    workspace = monitor.workspace
    found = ingested(workspace, SETTINGS)
    again = ingested(workspace, SETTINGS).rows
    rows, unread = found.rows, found.unread
    assert again == 0
    store = workspace.store
    blobs = sorted(digest for digest, _ in store.blobs.files())
    return (rows, len(unread)), stored_bytes(monitor, "q"), blobs


def test_the_same_bytes_as_in_one_process(
    tmp_path: Path, saved: Callable[[pa.Table, str], str]
) -> None:
    """Windows, their parts and every blob; a file that cannot be read is named as ever."""
    rows = traffic(4, rows=80)
    for root in ("local", "dask"):
        for day in range(4):
            saved(rows.slice(80 * day, 80), f"{root}/days/{day}.parquet")
        (tmp_path / root / "days" / "5.parquet").write_bytes(b"PAR1 cut")
    found = _stored(tmp_path / "dask", "dask")
    assert found[0] == (320, 1)
    assert found == _stored(tmp_path / "local", "local")


def test_workers_know_neither_store_nor_secrets(
    tmp_path: Path, saved: Callable[[pa.Table, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is sent to them holds no address, no place on a disk of the store and no setting."""
    sent: list[bytes] = []

    def noted(chunks: Any, fn: Any, scheduler: object) -> Any:
        sent.append(pickle.dumps((fn, chunks)))
        return ((index, fn(chunk)) for index, chunk in enumerate(chunks))

    monkeypatch.setattr(engine, "run", noted)
    monkeypatch.setenv("CANARY_STORE", f"sqlite:///{tmp_path}/canary.db")
    for day in range(2):
        saved(traffic(1, rows=40, seed=day), f"days/{day}.parquet")
    config = Config(
        root=tmp_path,
        store=StoreSettings(url=f"sqlite:///{tmp_path}/canary.db", blobs=str(tmp_path / "canary")),
        sinks={"ops": SinkSettings(kind="webhook", url="env:CANARY_HOOK")},
        engine=EngineSettings(kind="dask"),
    )
    assert ingested(Monitor(config).workspace, SETTINGS) == Arrived(80)
    assert len(sent) == 1 and b"days/1.parquet" in sent[0]
    assert b"canary" not in sent[0].lower()


def _doubled(job: tuple[int, str]) -> bytes:
    """Twice the number; the worker that gets 3 first dies of it."""
    number, marks = job
    if number == 3:
        try:
            os.close(os.open(marks, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return b"6"
        os.kill(os.getpid(), signal.SIGKILL)
    return str(2 * number).encode()


def test_a_dead_worker_is_replaced(tmp_path: Path) -> None:
    """What it held is done again, and the results come in the order of the chunks."""
    jobs = [(number, str(tmp_path / "mark")) for number in range(6)]
    found = list(engine.run(jobs, _doubled))
    assert found == [(number, str(2 * number).encode()) for number in range(6)]
    assert (tmp_path / "mark").exists()


def _listening(_: object = None) -> bytes:
    """Addresses at which this process can be reached, as `/proc/net/tcp` spells them."""
    held = {os.readlink(entry.path) for entry in os.scandir("/proc/self/fd") if entry.is_symlink()}
    lines = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    found = {w[1].split(":")[0] for w in lines if w[3] == "0A" and f"socket:[{w[9]}]" in held}
    return " ".join(sorted(found)).encode()


def test_workers_are_reached_from_this_machine_alone() -> None:
    """Scheduler, workers and the pages they serve listen on 127.0.0.1."""
    for _, by_worker in engine.run([0], _listening):
        assert (by_worker, _listening()) == (b"0100007F", b"0100007F")


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "ws://localhost:1", "10.0.0.1:8786"])
def test_a_scheduler_elsewhere_needs_tls(address: str) -> None:
    """Whoever can reach it may run anything on its workers."""
    with pytest.raises(UsageError) as caught:
        list(engine.run([(1, "")], _doubled, address))
    assert caught.value.message == (
        f"[engine] scheduler {address!r} is neither tls:// nor on this machine"
    )


def _fatal(number: int) -> bytes:
    """The number; 2 ends whoever takes it."""
    if number == 2:
        time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGKILL)
    return str(number).encode()


def test_a_chunk_that_ends_workers_is_named_and_the_others_are_done() -> None:
    """Those that wait on the same worker are suspected by Dask, and cleared."""
    found = []
    at_once = dask.config.set({"distributed.scheduler.allowed-failures": 0})
    with at_once, pytest.raises(MonitorError) as caught:
        for index, _ in engine.run(range(8), _fatal):
            found.append(index)
    assert found == [0, 1, 3, 4, 5, 6, 7]
    assert caught.value.message == "2 ended every worker that took it"


def test_what_is_done_is_not_done_again(
    tmp_path: Path, saved: Callable[[pa.Table, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who dies at half leaves what was kept until then; the next one reads the other files."""
    rows, kept = traffic(5, rows=40), spreading.keep
    for day in range(5):
        saved(rows.slice(40 * day, 40), f"days/{day}.parquet")
    config = Config(root=tmp_path, engine=EngineSettings(kind="dask"))
    calls: list[Any] = []

    def here(chunks: Any, fn: Any, scheduler: object) -> Any:
        return ((index, fn(chunk)) for index, chunk in enumerate(chunks))

    def killed_at_third(*what: Any) -> Any:
        calls.append(what)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return kept(*what)

    monkeypatch.setattr(engine, "run", here)
    monkeypatch.setattr(spreading, "keep", killed_at_third)
    with pytest.raises(KeyboardInterrupt):
        ingested(Monitor(config).workspace, SETTINGS)
    assert ingested(Monitor(config).workspace, SETTINGS) == Arrived(80)
    assert [Path(name).stem for *_, name in calls] == ["1", "2", "3", "3", "4"]


def _stored_files(root: Path) -> int:
    try:
        with sqlite3.connect(f"file:{root}/embmon.db?mode=ro", uri=True) as store:
            return int(store.execute("SELECT count(*) FROM inputs").fetchone()[0])
    except sqlite3.OperationalError:  # there is no store yet
        return 0


def _waited(until: Callable[[], bool], seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < ends
        time.sleep(0.002)


def test_a_run_that_is_killed(tmp_path: Path, saved: Callable[[pa.Table, str], str]) -> None:
    """By SIGKILL at half: no worker outlives it, and the next run reads the other files alone."""
    rows, root = traffic(16, rows=40), tmp_path / "store"
    for day in range(16):
        saved(rows.slice(40 * day, 40), f"days/{day:02}.parquet")
    settings = SETTINGS.model_copy(update={"source": str(tmp_path / "days/*.parquet")})
    root.mkdir()
    program = (
        "import sys; from pathlib import Path; from monitor.config import *;"
        "from monitor.pipeline import Monitor; from monitor.pipeline.arrivals import ingested\n"
        "if __name__ == '__main__':\n"
        " config = Config(root=Path(sys.argv[1]), engine=EngineSettings(kind='dask'))\n"
        " ingested(Monitor(config).workspace, MonitorSettings.model_validate_json(sys.argv[2]))"
    )
    run = [sys.executable, "-c", program, str(root), settings.model_dump_json()]
    with subprocess.Popen(run, stderr=subprocess.DEVNULL) as driver:
        _waited(lambda: _stored_files(root) >= 6 or driver.poll() is not None)
        tasks = Path(f"/proc/{driver.pid}/task").glob("*/children")
        below = [Path("/proc") / child for task in tasks for child in task.read_text().split()]
        driver.kill()
    done = _stored_files(root)
    assert below
    assert 6 <= done < 16
    _waited(lambda: not any(process.exists() for process in below))
    killed, whole = Monitor(Config(root=root)), Monitor(Config(root=tmp_path))
    assert ingested(killed.workspace, settings) == Arrived(640 - 40 * done)
    assert ingested(whole.workspace, settings) == Arrived(640)
    assert stored_bytes(killed, "q") == stored_bytes(whole, "q")


def test_workers_that_never_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler without any says so; one whose workers are just replaced is given time."""
    monkeypatch.setattr(engine, "PATIENCE_S", 0.3)
    with (
        distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None) as cluster,
        pytest.raises(MonitorError) as caught,
    ):
        list(engine.run(range(2), _fatal, cluster.scheduler_address))
    assert caught.value.message == "no worker of Dask is left"
