"""Many processes on one store, and much history in it.

    python benchmarks/loads.py [--postgres 60] [--sqlite 8] [--checks 20] [--runs 20000]

First, that many processes at once each record checks (a verdict, an alert's change, a message) and
read the history, on one PostgreSQL of their own and on one SQLite file. Then a store with many
runs answers `history` of the last 1000 windows and what `status` asks. Prints errors and times.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.store import Store, open_store
from tests.postgres import cluster
from tests.store.world import NOW, alert, delivery, flip, run, verdict


def work(ready: Barrier, place: tuple[str, str, str], name: str, checks: int) -> None:
    """Waits for all, then records checks and reads them back; writes how long each took."""
    url, blobs, out = place
    taken = []
    with open_store(f"{url}timeout=60", Path(blobs)) as store:
        ready.wait(600)
        for n in range(checks):
            began = time.monotonic()
            made = run(f"{name}-{n}", n)
            messages, state = [delivery(f"{name}-{n}")], {name: alert(fingerprint=name)}
            store.record_check(made, [verdict(n, monitor=name)], [flip()], messages, state)
            store.history("dishes", 20)
            taken.append(time.monotonic() - began)
    Path(out, name).write_text("\n".join(map(str, taken)))


def many(url: str, folder: Path, processes: int, checks: int) -> str:
    """A row of the table: how that many processes fared."""
    with open_store(f"{url}timeout=60", folder / "blobs") as store:
        store.ensure_space("dishes", {}, 384, NOW)
    out = Path(tempfile.mkdtemp(dir=folder))
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(processes + 1)
    place = (url, str(folder / "blobs"), str(out))
    asked = [(ready, place, f"m{n}", checks) for n in range(processes)]
    started = [spawn.Process(target=work, args=each) for each in asked]
    for each in started:
        each.start()
    ready.wait(600)
    began = time.monotonic()
    for each in started:
        each.join()
    wall = time.monotonic() - began
    errors = sum(each.exitcode != 0 for each in started)
    times = [float(line) for path in out.iterdir() for line in path.read_text().split()]
    with open_store(f"{url}timeout=60", folder / "blobs") as store:
        kept = len(store.runs("dishes"))
    p95 = 1000 * float(np.percentile(times, 95))
    rows = f"{processes} | {kept} of {processes * checks} | {errors}"
    return f"{rows} | {p95:.0f} ms | {kept / wall:.0f}"


def fill(store: Store, runs: int) -> None:
    """`runs` runs of one window each, with 20 scores in its detail."""
    store.ensure_space("dishes", {}, 384, NOW)
    detail = {"families": [{"name": f"f{i}", "value": 0.1 * i} for i in range(20)]}
    for n in range(0, runs, 500):
        some = [verdict(n + i, detail=detail) for i in range(500)]
        store.record_check(run(f"r{n}", n), some)


def p95(ask: Callable[[], object]) -> float:
    """The 95th percentile of 20 answers, in seconds."""
    times = []
    for _ in range(20):
        began = time.monotonic()
        ask()
        times.append(time.monotonic() - began)
    return float(np.percentile(times, 95))


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, str]]:
    """Names of databases and their URLs, each ready for another query."""
    with cluster() as running, running.database() as url:
        yield {"PostgreSQL": f"{url}&", "SQLite": f"sqlite:///{folder / 'load.db'}?"}


def main(asked: argparse.Namespace) -> None:
    """Prints both tables."""
    print(f"{platform.platform()}, Python {platform.python_version()}\n")
    print("| store | processes | checks stored | processes that failed | p95 | checks a second |")
    print(f"|---|{'---:|' * 5}")
    counts = {"PostgreSQL": asked.postgres, "SQLite": asked.sqlite}
    with tempfile.TemporaryDirectory() as top:
        with stores(Path(top)) as urls:
            for name, url in urls.items():
                print(
                    f"| {name} | {many(url, Path(top), counts[name], asked.checks)} |", flush=True
                )
        print("\n| store | windows judged | history of 1000, p95 | status, p95 |")
        print(f"|---|{'---:|' * 3}")
        (more := Path(top) / "more").mkdir()
        with stores(more) as urls:
            for name, url in urls.items():
                with open_store(f"{url}timeout=60", more / "blobs") as store:
                    fill(store, asked.runs)
                    history = p95(lambda store=store: store.history("dishes", 1000))
                    status = p95(lambda store=store: store.latest_verdicts())
                print(f"| {name} | {asked.runs} | {history:.2f} s | {status:.2f} s |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("postgres", 60), ("sqlite", 8), ("checks", 20), ("runs", 20_000)):
        parser.add_argument(f"--{option}", type=int, default=default)
    main(parser.parse_args())
