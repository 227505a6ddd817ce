"""What a host does all day: windows an hour, a run with nothing new, a drain, many segments.

    python benchmarks/routine.py [--only hourly,drain,segments] [--windows 20] [--folder DIR]

hourly: each hour a file of 10,000 × 384 comes and `embmon run` is called, start-up included; then
the run finds nothing new; then the files of as many hours are there at once. Pages without a map.
drain: 10,000 pending messages, 20 ms to send each (`--pending`), for `--seconds` at most.
segments: four weeks of daily windows of 30,000 × 64, with and without a column of 1,000 values that
is followed (`--values`): ingested, calibrated, and one window judged in one transaction.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measured import embmon, machine, process
from speed_data import vectors

from monitor.alerts.deliver import deliver
from monitor.model import Delivery
from monitor.store import RunRow, open_store

FIRST = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday
HOURS = 21 * 24
SETTINGS = """
[monitors.search]
space = "queries"
source = "in/*.parquet"
at = "ts"
every = "1h"
reference = "2w"
[report]
map = "none"
"""


def hours(path: Path, first: int, n: int, rows: int, d: int, values: int = 0) -> None:
    """`rows` rows of each of `n` hours from the first; with a column of so many values."""
    total = n * rows
    flat = np.concatenate([some.ravel() for some in vectors(total, d, 1 + first)])
    us = np.arange(total) * (3_600_000_000 // rows) + first * 3_600_000_000
    columns = {
        "ts": pa.array(np.datetime64(FIRST.replace(tzinfo=None), "us") + us).cast(
            pa.timestamp("us", "UTC")
        ),
        "embedding": pa.FixedSizeListArray.from_arrays(pa.array(flat), d),
    }
    if values:
        tenant = np.random.default_rng(first).integers(0, values, total)
        columns["tenant"] = pa.array([f"t{i}" for i in tenant])
    path.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), path)


def run_until(folder: Path, hour: int) -> list[str]:
    """The command that judges all windows up to an hour."""
    until = (FIRST + timedelta(hours=hour)).isoformat()
    return embmon("run", "-q", "--as-of", until, "--config", str(folder / "embmon.toml"))


def hourly(folder: Path, asked: argparse.Namespace) -> None:
    """Windows an hour, one by one and all at once, and a run with nothing new."""
    (folder / "embmon.toml").write_text(SETTINGS)
    hours(folder / "in" / "0000.parquet", 0, HOURS, 200, 384)
    process("history", run_until(folder, HOURS), runs=1)
    taken = []
    for hour in range(HOURS, HOURS + asked.windows):
        hours(folder / "in" / f"{hour}.parquet", hour, 1, 10_000, 384)
        taken.append(process("run", run_until(folder, hour + 1), runs=1))
    wall, cpu = (
        float(np.mean([getattr(one, key) for one in taken])) for key in ("wall_s", "cpu_s")
    )
    print(f"one window a run: {wall:.2f} s ({cpu:.2f} of processor), {3600 / wall:,.0f} an hour")
    hour = HOURS + asked.windows
    nothing = process("run", run_until(folder, hour), runs=3)
    print(f"nothing new: {nothing.wall_s:.2f} s ({nothing.cpu_s:.2f}), {nothing.peak_mb:.0f} MB")
    for more in range(hour, hour + asked.windows):
        hours(folder / "in" / f"{more}.parquet", more, 1, 10_000, 384)
    all_ = process("run", run_until(folder, hour + asked.windows), runs=1)
    each = all_.wall_s / asked.windows
    print(f"{asked.windows} windows in one run: {each:.2f} s each, {3600 / each:,.0f} an hour")


class Slow:
    """A sink that takes 20 ms."""

    def send(self, delivery: Delivery) -> None:
        """Takes a message."""
        time.sleep(0.02)


def drain(folder: Path, asked: argparse.Namespace) -> None:
    """Seconds until all messages have left, by one sender."""
    now = datetime.now(UTC)
    with open_store(f"sqlite:///{folder}/embmon.db", folder / "blobs") as store:
        store.ensure_space("s", {}, 4, now)
        all_ = range(asked.pending)
        waiting = [Delivery(f"m{n:05}", "ops", {"n": n}, 0, now, now) for n in all_]
        store.record_check(RunRow("r", "check", "s", "m", now, now, None), deliveries=waiting)
        began = time.monotonic()
        told = deliver(
            store,
            {"ops": Slow()},
            now=lambda: datetime.now(UTC),
            owner="one",
            random=random.Random(0),
            deadline_s=asked.seconds,
        )
    taken = time.monotonic() - began
    print(f"{told.sent:,} messages sent in {taken:.0f} s, {1000 * taken / told.sent:.1f} ms each")


def segments(folder: Path, asked: argparse.Namespace) -> None:
    """Seconds to ingest four weeks and to judge a window, without segments and with many."""
    (folder / "embmon.toml").write_text("")
    hours(folder / "in" / "all.parquet", 0, 28 * 24, 1250, 64, asked.values)
    config = ["--config", str(folder / "embmon.toml")]
    for space, how in (("plain", []), ("split", ["--segment", "tenant"])):
        source = [str(folder / "in" / "all.parquet"), "--at", "ts", "--every", "1d", *how]
        steps = {
            "ingest": ["ingest", space, *source],
            "reference": ["reference", space, "--trailing", "4w"],
            "check": ["check", space],
        }
        for name, step in steps.items():
            found = process(name, embmon(*step, *config), runs=1)
            told = f"{found.wall_s:.1f} s ({found.cpu_s:.1f}), {found.peak_mb:.0f} MB"
            print(f"{space}: {name} {told}", flush=True)


PARTS = {f.__name__: f for f in (hourly, drain, segments)}

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = {"windows": 20, "pending": 10_000, "seconds": 3600, "values": 1000}
    for option, default in numbers.items():
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    print(machine())
    for part in given.only.split(","):
        with tempfile.TemporaryDirectory(dir=given.folder) as where:
            PARTS[part](Path(where), given)
