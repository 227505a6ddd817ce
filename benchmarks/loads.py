"""Many processes on one store.

    python benchmarks/loads.py [--postgres 60] [--sqlite 8] [--checks 20]

That many processes at once each record checks (a verdict, an alert's change, a message) and read
the history, on one PostgreSQL of their own and on one SQLite file. Prints errors and times.
"""

from __future__ import annotations

import argparse
import multiprocessing
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.store import open_store
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


@contextmanager
def stores(folder: Path) -> Iterator[dict[str, str]]:
    """Names of databases and their URLs, each ready for another query."""
    with cluster() as running, running.database() as url:
        yield {"PostgreSQL": f"{url}&", "SQLite": f"sqlite:///{folder / 'load.db'}?"}


def main(asked: argparse.Namespace) -> None:
    """Prints the table."""
    print(f"{platform.platform()}, Python {platform.python_version()}\n")
    print("| store | processes | checks stored | processes that failed | p95 | checks a second |")
    print(f"|---|{'---:|' * 5}")
    counts = {"PostgreSQL": asked.postgres, "SQLite": asked.sqlite}
    with tempfile.TemporaryDirectory() as top, stores(Path(top)) as urls:
        for name, url in urls.items():
            print(f"| {name} | {many(url, Path(top), counts[name], asked.checks)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("postgres", 60), ("sqlite", 8), ("checks", 20)):
        parser.add_argument(f"--{option}", type=int, default=default)
    main(parser.parse_args())
