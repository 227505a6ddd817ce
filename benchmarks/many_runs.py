"""Many runs one after the other, by a process that lives on and by processes that are killed.

    python benchmarks/many_runs.py [--runs 1440] [--every 60] [--killed 0.3] [--seed 0]

As many runs as a day has minutes: the stream of `week.py`, a file and a window with every 60th run
(`--every 1`: with each), with a topic that was never there in a quarter of the windows, but 30 at
most, from the middle on. One process makes all
runs; its handles, threads, memory and files after each quarter of them are printed.
Beside it each run is a process of its own, and so many of them are killed (kill -9) at a random
moment; what a killed one left, the next one finds. The alerts of both are compared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import pyarrow.parquet as pq
from week import HOUR, MONDAY, configured, traffic

from monitor.pipeline import Monitor

SPAWN = multiprocessing.get_context("forkserver")
BEFORE = 6 * 168


def run(folder: Path, n: int, every: int) -> None:
    """The n-th run; the first on a window is ten minutes after its end."""
    now = MONDAY + HOUR + n / every * HOUR + timedelta(minutes=10)
    monitor = Monitor(configured(folder), now=lambda: now)
    answer = monitor.run()
    monitor.workspace.store.close()
    if answer["exit_code"]:
        raise RuntimeError(f"run {n}: {answer['monitors']}")


def files_come(folder: Path, asked: argparse.Namespace) -> Iterator[int]:
    """The numbers of the runs, each when its file is there, if one comes with it."""
    windows = asked.runs // asked.every
    middle = BEFORE + windows // 2
    surge = range(middle, middle + min(30, windows // 4))
    for n in range(asked.runs):
        if n % asked.every == 0:
            at = BEFORE + n // asked.every
            rows = traffic(range(at, at + 1), asked.seed, surge)
            pq.write_table(rows, folder / "in" / f"{n:04}.parquet")
        yield n


def held(folder: Path) -> str:
    """What this process and its store hold now."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return (
        f"{len(os.listdir('/proc/self/fd'))} handles, {int(status['Threads'])} threads, "
        f"{int(status['VmRSS'].split()[0]) // 1024} MB, {stored(folder)}"
    )


def stored(folder: Path) -> str:
    """Files that are not input: blobs, pages, and what was never finished."""
    config = configured(folder)
    blobs, pages = config.path(config.store.blobs), config.path(config.report.dir)
    left = len(list(blobs.glob("unfinished/*"))) + len(list(folder.rglob("*.part")))
    counts = len(list(blobs.glob("sha256/*/*"))), len(list(pages.rglob("*.html")))
    return f"{counts[0]} blobs, {counts[1]} pages, {left} unfinished files"


def alerts(folder: Path) -> list[tuple[str, ...]]:
    """State and summary of the messages that came, in order; not that a run came late, which is so
    where runs are killed."""
    book = folder / "alerts.jsonl"
    lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
    told = [json.loads(line) for line in lines]
    summaries = [one["summary"].partition(" (no run since ")[0] for one in told]
    states = [one["state"] + " again" * bool(one["repeat"]) for one in told]
    return list(zip(states, summaries, strict=True))


def undisturbed(folder: Path, asked: argparse.Namespace) -> None:
    """All runs by this process."""
    began = time.monotonic()
    for n in files_come(folder, asked):
        run(folder, n, asked.every)
        if (n + 1) % (asked.runs // 4) == 0:
            each = (time.monotonic() - began) / (n + 1)
            print(f"after {n + 1} runs: {held(folder)}; {each:.2f} s a run", flush=True)


def disturbed(folder: Path, asked: argparse.Namespace) -> int:
    """Each run a process; how many were killed."""
    rng, killed, usual = random.Random(asked.seed), 0, 1.0
    for n in files_come(folder, asked):
        began = time.monotonic()
        child = SPAWN.Process(target=run, args=(folder, n, asked.every))
        child.start()
        if rng.random() < asked.killed and n + 1 < asked.runs:
            child.join(rng.uniform(0, usual))
            killed += child.is_alive()
            child.kill()
            child.join()
            continue
        child.join()
        usual = time.monotonic() - began
        if child.exitcode:
            raise RuntimeError(f"run {n} left with {child.exitcode}")
    return killed


def main(asked: argparse.Namespace) -> None:
    """Both ways."""
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, seed {asked.seed}")
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "one"), Path(folder, "other")
        (one / "in").mkdir(parents=True)
        pq.write_table(traffic(range(BEFORE), asked.seed), one / "in" / "before.parquet")
        known = set(sys.modules)
        run(one, -1, 1)
        # Every run would import anew what this one did: half of its time.
        SPAWN.set_forkserver_preload(["monitor.pipeline.jobs", *(set(sys.modules) - known)])
        shutil.copytree(one, other)
        beside = SPAWN.Process(target=undisturbed, args=(one, asked))
        beside.start()
        killed = disturbed(other, asked)
        beside.join()
        print(f"killed {killed} of {asked.runs} runs: {stored(other)}")
        whole, mended = alerts(one), alerts(other)
        lost = Counter(whole) - Counter(mended)
        print(f"messages: {len(whole)} undisturbed, {len(mended)} with kills, {lost.total()} lost")
        print(*(f"  {each}" for each in (Counter(mended) - Counter(whole)).elements()), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=1440)
    parser.add_argument("--every", type=int, default=60)
    parser.add_argument("--killed", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=0)
    main(parser.parse_args())
