"""Files profiled by 1 to N workers of Dask, beside one process without it; and what faults do.

    python benchmarks/dask_scaling.py [--workers 2] [--files 12] [--rows 50000] [--faults]

Each way fills a store of its own with the same files, whose space has a basis already. Prints
seconds, the median of the runs; rows a second; how many times one worker's rate that is; whether
every stored byte is the same; and what the engine itself takes for as many chunks that do nothing.
With --faults: a worker is killed at half, a file ends every worker that takes it, and `embmon run`
itself is killed at half and started again. Workers are started before the clock is.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import distributed
from measured import machine
from speed_data import parquet

from monitor import engine
from monitor.config import Config, EngineSettings
from monitor.errors import MonitorError
from monitor.model import Columns
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.spreading import Arrived, spread
from monitor.pipeline.workspace import Workspace
from monitor.store import open_store

COLUMNS = Columns(at="ts")
HOW: dict[str, Any] = {"every": "1d", "sample": 2048}
SETTINGS = """
[engine]
kind = "dask"
[monitors.q]
space = "q"
source = "{folder}/[0-9]*.parquet"
at = "ts"
every = "1d"
[report]
map = "none"
"""
RUN = (sys.executable, "-m", "monitor", "run", "--json")
PATIENCE_S = 60.0


@contextmanager
def workers(n: int) -> Iterator[Any]:
    """A cluster on this machine; `.scheduler_address` is where it listens."""
    local = {"host": "127.0.0.1", "dashboard_address": "127.0.0.1:0", "processes": True}
    with distributed.LocalCluster(n_workers=n, threads_per_worker=1, **local) as cluster:
        with distributed.Client(cluster) as client:
            client.run(__import__, "monitor.pipeline.spreading")  # as workers that are at work
        yield cluster


def copied(base: Path, scheduler: str | None = None) -> Workspace:
    """A copy of the store that has a basis."""
    folder = base.parent / "copy"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder)
    return Workspace(Config(root=folder, engine=EngineSettings(kind="dask", scheduler=scheduler)))


def held(workspace: Workspace) -> tuple[int, list[str]]:
    """How many sources count, and every blob."""
    store = workspace.store
    found = len(store.inputs("q")), sorted(digest for digest, _ in store.blobs.files())
    store.close()
    return found


def by_dask(base: Path, files: Sequence[str], scheduler: str) -> tuple[float, Any]:
    """Seconds that workers take, and what is stored then."""
    workspace = copied(base, scheduler)
    began = time.perf_counter()
    spread(workspace, "q", files, COLUMNS, HOW, Arrived())
    return time.perf_counter() - began, held(workspace)


def by_one(base: Path, files: Sequence[str]) -> tuple[float, Any]:
    """Seconds that this process takes, with a thread a processor, and what is stored then."""
    workspace = copied(base)
    began = time.perf_counter()
    for file in files:
        ingest(workspace, "q", file, COLUMNS, **HOW)
    return time.perf_counter() - began, held(workspace)


def nothing(_: str) -> bytes:
    """As many bytes as a file of one window comes to."""
    return bytes(2_000_000)


def scaling(base: Path, files: Sequence[str], asked: argparse.Namespace) -> Any:
    """Prints the table; what was stored."""
    print("| | seconds | rows a second | × one worker | same bytes |\n|---|---|---|---|---|")
    total = asked.rows * len(files)
    taken, found = zip(*(by_one(base, files) for _ in range(asked.runs)), strict=True)
    right, alone = found[0], statistics.median(taken)
    print(f"| one process without Dask | {alone:.2f} | {total / alone:,.0f} | | |", flush=True)
    single = 0.0
    for n in range(1, asked.workers + 1):
        with workers(n) as cluster:
            address = cluster.scheduler_address
            runs = [by_dask(base, files, address) for _ in range(asked.runs)]
            seconds = statistics.median(one for one, _ in runs)
            single = single or seconds
            same = "yes" if all(stored == right for _, stored in runs) else "NO"
            rate = f"{total / seconds:,.0f} | {single / seconds:.2f} | {same} |"
            print(f"| workers: {n} | {seconds:.2f} | {rate}", flush=True)
            began = time.perf_counter()
            list(engine.run(files, nothing, address))
            own = 1000 * (time.perf_counter() - began) / len(files)
            print(f"| the engine itself | {own:.0f} ms a file of 2 MB of profiles | | | |")
    return right


def worker_killed(base: Path, files: Sequence[str], right: Any) -> str:
    """One of two workers is killed when half of the time has passed."""
    usual, _ = by_one(base, files)
    with workers(2) as cluster:
        with distributed.Client(cluster) as client:
            victim = next(iter(client.run(os.getpid).values()))
        killer = Thread(target=lambda: (time.sleep(usual / 2), os.kill(victim, signal.SIGKILL)))
        killer.start()
        taken, found = by_dask(base, files, cluster.scheduler_address)
        killer.join()
    return f"finished in {taken:.1f} s, {'the same bytes' if found == right else 'OTHER BYTES'}"


def fatal(file: str) -> bytes:
    """Nothing of a file; the third ends whoever takes it."""
    if file.endswith("3.parquet"):
        os.kill(os.getpid(), signal.SIGKILL)
    return b"done"


def poisoned(files: Sequence[str]) -> str:
    """What is said of a file that ends every worker, and how many others were done."""
    done = 0
    with workers(2) as cluster:
        try:
            for _ in engine.run(files, fatal, cluster.scheduler_address):
                done += 1
        except MonitorError as error:
            return f"{done} of {len(files)} done; {error.message}"
    return "NOT NAMED"


def ingested(folder: Path) -> int:
    """How many files the store holds that lies in a folder, if there is one yet."""
    try:
        with sqlite3.connect(f"file:{folder}/embmon.db?mode=ro", uri=True, timeout=10) as store:
            return int(store.execute("SELECT count(*) FROM inputs").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def children(pid: int) -> list[int]:
    """The processes below a process that runs."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    own = [int(child) for task in tasks for child in task.read_text().split()]
    return own + [below for child in own for below in children(child)]


def left_behind(pids: Sequence[int]) -> int:
    """How many of these processes still run, a minute later at most."""
    ends = time.monotonic() + PATIENCE_S
    while (alive := [p for p in pids if Path(f"/proc/{p}").exists()]) and time.monotonic() < ends:
        time.sleep(0.05)
    return len(alive)


def judged(folder: Path) -> Any:
    """Every part of a window with the digests of its bytes, and every verdict."""
    with open_store(f"sqlite:///{folder / 'embmon.db'}", folder / "embmon-blobs") as store:
        windows = store.windows("q", store.basis("q")[0])  # type: ignore[index]
        words = [(v.window, v.word, v.p_value, v.score) for v in store.history("q")]
        return [(w.window, w.rows, w.parts) for w in windows], words


def run_killed(base: Path, n: int) -> str:
    """`embmon run` of a new store is killed at half of its `n` files, and runs again."""
    folders = [base.with_name(name) for name in ("undisturbed", "killed")]
    for folder in folders:
        folder.mkdir()
        (folder / "embmon.toml").write_text(SETTINGS.format(folder=base.parent))
    whole, killed = folders
    subprocess.run(RUN, cwd=whole, check=True, stdout=subprocess.DEVNULL)
    with subprocess.Popen(RUN, cwd=killed, stdout=subprocess.DEVNULL) as driver:
        while ingested(killed) < n // 2 and driver.poll() is None:
            time.sleep(0.005)
        workers = children(driver.pid)
        driver.kill()
    half, left = ingested(killed), left_behind(workers)
    again = json.loads(subprocess.run(RUN, cwd=killed, check=True, capture_output=True).stdout)
    same = "the same parts and verdicts" if judged(killed) == judged(whole) else "OTHERS"
    return (
        f"{half} of {n} files were stored; {left} of {len(workers)} processes outlived it; then "
        f"{again['monitors'][0]['rows']:,} rows read; {same}"
    )


def main(asked: argparse.Namespace) -> None:
    """Makes the files and the store they are copied from, prints all."""
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        top = Path(folder)
        seeds = range(asked.files + 1)
        made = [parquet(top / f"{i}.parquet", asked.rows, asked.dim, seed=i, days=1) for i in seeds]
        first, *files = map(str, made)
        (base := top / "base").mkdir()
        workspace = Workspace(Config(root=base))
        ingest(workspace, "q", first, COLUMNS, **HOW)
        workspace.store.close()
        os.sync()  # or the store's own syncs would wait for these files
        print(f"{machine()}; distributed {distributed.__version__}")
        print(
            f"{asked.files} files of {asked.rows:,} × {asked.dim}; medians of {asked.runs} runs\n"
        )
        right = scaling(base, files, asked)
        if asked.faults:
            print(f"\na worker killed at half: {worker_killed(base, files, right)}")
            print(f"a file that ends workers: {poisoned(files)}")
            print(f"the run killed at half: {run_killed(base, len(made))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("files", 12), ("rows", 50_000), ("dim", 384), ("runs", 3)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--folder", type=Path, default=None)
    main(parser.parse_args())
