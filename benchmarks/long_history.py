"""A store with years of windows: what each command takes then, on SQLite and on PostgreSQL.

    python benchmarks/long_history.py [--windows 100000] [--only sqlite,postgresql] [--all 0]

Four weeks of hourly traffic are ingested; then so many further windows are stored, as these were,
each with a run of its own and a verdict of 20 scores; a reference of four weeks ends with them.
Whole commands, start-up included, and the same in a process that is at work. `--all N`: only N
windows, and all of them judged by `check --window all`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from measured import embmon, machine, process
from week import FIRST, HOUR, traffic

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.config import load
from monitor.model import Window, iso
from monitor.pipeline import Monitor
from monitor.store import InputRow, Part, Store
from monitor.store.tables import runs, verdicts
from tests.postgres import cluster

BEFORE = 4 * 168
SETTINGS = """
[store]
url = "{url}"
[monitors.search]
space = "queries"
source = "in/*.parquet"
at = "at"
every = "1h"
reference = "4w"
min_rows = 20
[report]
map = "none"
"""
SCORES = [{"name": f"score {i}", "value": 0.1 * i, "p_value": 0.5} for i in range(20)]


def window(n: int) -> Window:
    """The n-th hour."""
    return Window(FIRST + n * HOUR, FIRST + (n + 1) * HOUR)


def filled(monitor: Monitor, folder: Path, n: int) -> None:
    """The first four weeks, the reference, and `n` windows after them."""
    pq.write_table(traffic(range(BEFORE), 0), folder / "in" / "000000.parquet")
    monitor.run(as_of=window(BEFORE).start)
    store = monitor.workspace.store
    basis = store.basis("queries")
    assert basis is not None
    known = store.windows("queries", basis[0])
    for first in range(BEFORE, BEFORE + n, 5000):
        hours = range(first, min(first + 5000, BEFORE + n))
        parts = [
            Part(window(hour), str(first), f"sha256:{hour:064x}", 60, part.profile, part.traces)
            for hour in hours
            for part in known[hour % 168].parts
        ]
        source = InputRow(str(first), f"sha256:{first:064x}", 60 * len(parts))
        store.add_parts("queries", basis[0], source, parts, window(first).end)
        _judge(store, hours)
    monitor.reference("queries", trailing="4w")


def _judge(store: Store, hours: range) -> None:
    """A run and a verdict for each of these windows."""
    own = {"space": "queries", "monitor": "search"}
    said = {"detail": {"causes": ["more soups"], "alone": False, "level": 0.1, "scores": SCORES}}
    numbers = {"p_value": 0.25, "score": 0.6, "threshold": 3.0, "rows": 60, "content": 1}
    made, found = [], []
    for hour in hours:
        at, run_id = datetime.now(UTC), f"run-{hour}"
        times = {"started_at": at, "finished_at": at}
        made.append({"id": run_id, "kind": "check", **own, **times, "document": None})
        ends = {"start": window(hour).start, "end": window(hour).end}
        decided = {"run_id": run_id, "revision": 1, "decided_at": at}
        of = {"config_digest": "sha256:0", "word": "ok", **numbers, **said}
        found.append({**own, **ends, **of, **decided})
    with store.database.write() as connection:
        connection.execute(runs.insert(), made)
        connection.execute(verdicts.insert(), found)


def p95(ask: Callable[[], object], times: int = 20) -> float:
    """The 95th percentile of some answers, in seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(time.perf_counter() - began)
    return float(np.percentile(taken, 95))


def asked_of(monitor: Monitor) -> dict[str, Callable[[], object]]:
    """What a process at work asks."""
    return {
        "history of 1000": lambda: monitor.history("queries", 1000),
        "status": monitor.status,
        "check": lambda: monitor.check("queries"),
        "run, nothing new": monitor.run,
    }


def called(kind: str, folder: Path, n: int, calls: bool) -> None:
    """Fills a store; prints what calls of a process at work take."""
    end = window(BEFORE + n).start
    monitor = Monitor(load(folder / "embmon.toml"), now=lambda: end + timedelta(minutes=10))
    began = time.perf_counter()
    filled(monitor, folder, n)
    print(f"{n:,} windows stored in {time.perf_counter() - began:.0f} s", flush=True)
    for name, ask in asked_of(monitor).items() if calls else ():
        print(f"| {kind} | {name}, a call | {p95(ask):.2f} | | |", flush=True)


def measured(kind: str, url: str, folder: Path, asked: argparse.Namespace) -> None:
    """Prints the rows of one database."""
    (folder / "in").mkdir(parents=True)
    (folder / "embmon.toml").write_text(SETTINGS.format(url=url))
    n = asked.all or asked.windows
    # A process of its own: a child's peak is never less than what its parent held.
    arguments = (kind, folder, n, not asked.all)
    child = multiprocessing.get_context("spawn").Process(target=called, args=arguments)
    child.start()
    child.join()
    end, config = window(BEFORE + n).start, ["--config", str(folder / "embmon.toml")]
    if asked.all:
        _tell(kind, "check --window all", embmon("check", "queries", "--window", "all", *config), 1)
        return
    _tell(kind, "history --last 1000", embmon("history", "queries", "--last", "1000", *config))
    _tell(kind, "status", embmon("status", *config))
    _tell(kind, "check", embmon("check", "queries", *config))
    run = ["run", "-q", "--as-of", iso(end), *config]
    _tell(kind, "run, nothing new", embmon(*run))
    more = range(BEFORE + n, BEFORE + n + 1)
    pq.write_table(traffic(more, 1), folder / "in" / "more.parquet")
    _tell(kind, "run, one new window", embmon("run", "-q", "--as-of", iso(end + HOUR), *config), 1)


def _tell(kind: str, name: str, command: list[str], times: int = 20) -> None:
    found = process(name, command, runs=times)
    p = float(np.percentile([run.wall_s for run in found.runs], 95))
    row = f"{p:.2f} | {found.cpu_s:.2f} | {found.peak_mb:.0f}"
    print(f"| {kind} | `{name}` | {row} |", flush=True)


@contextmanager
def databases(folder: Path, only: str) -> Iterator[dict[str, str]]:
    """URLs of empty databases by kind."""
    found = {"SQLite": f"sqlite:///{folder / 'embmon.db'}"}
    if "postgresql" not in only:
        yield found
        return
    with cluster() as running, running.database() as url:
        yield {**(found if "sqlite" in only else {}), "PostgreSQL": url}


def main(asked: argparse.Namespace) -> None:
    """Prints the table."""
    print(machine())
    print("| store | what | p95, s | processor, s | peak MB |\n|---|---|---|---|---|")
    with (
        tempfile.TemporaryDirectory(dir=asked.folder) as top,
        databases(Path(top), asked.only) as urls,
    ):
        for kind, url in urls.items():
            measured(kind, url, Path(top) / kind, asked)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=100_000)
    parser.add_argument("--all", type=int, default=0)
    parser.add_argument("--only", default="sqlite,postgresql")
    parser.add_argument("--folder", type=Path)
    main(parser.parse_args())
