"""A week of hourly `embmon run` over a stream with one incident, and a day without runs.

python benchmarks/alert_week.py          # about two minutes

Seven weeks of hourly traffic of five topics are the reference; in the eighth a sixth topic takes
40 % of the rows for 30 hours, and the host is off for a day after that. The clock is an argument:
each run believes that it is started ten minutes after its hour.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.config import AlertSettings, Config, MonitorSettings, ReportSettings, SinkSettings
from monitor.pipeline import Monitor

FIRST = datetime(2026, 8, 31, tzinfo=UTC)  # a Monday
HOUR = timedelta(hours=1)
REFERENCE = 7 * 7 * 24
ROWS = 120


class Clock:
    """A clock that is set."""

    at = FIRST

    def __call__(self) -> datetime:
        return self.at


def hour(n: int, *, surge: bool) -> pa.Table:
    """The traffic of the n-th hour."""
    rng = np.random.default_rng([7, n])
    centres = np.random.default_rng(99).normal(size=(6, 16))
    weights = np.array([3, 2, 2, 1, 1]) * np.exp(rng.normal(0, 0.1, 5))
    topic = rng.choice(5, ROWS, p=weights / weights.sum())
    if surge:
        topic[rng.random(ROWS) < 0.4] = 5
    at = [
        FIRST + n * HOUR + timedelta(seconds=int(s)) for s in np.sort(rng.integers(0, 3600, ROWS))
    ]
    vectors = centres[topic] + 0.4 * rng.normal(size=(ROWS, 16))
    flat = pa.array(vectors.astype(np.float32).ravel())
    return pa.table(
        {
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "user": [f"u{u}" for u in rng.integers(0, 60, ROWS)],
            "embedding": pa.FixedSizeListArray.from_arrays(flat, 16),
        }
    )


def main() -> None:
    """Runs the week and prints what the receiver heard."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--off", type=int, default=24, help="hours without a run")
    off = arguments.parse_args().off
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "in").mkdir()
        config = Config(
            root=root,
            monitors={
                "queries": MonitorSettings(
                    space="q", source="in/*.parquet", at="at", entity="user", every="1h",
                    reference="7w",
                )
            },
            sinks={"book": SinkSettings(kind="jsonl", path="alerts.jsonl")},
            alerts=AlertSettings(repeat_interval="12h"),
            report=ReportSettings(map="none"),
        )  # fmt: skip
        clock = Clock()
        monitor = Monitor(config, now=clock)
        first = pa.concat_tables([hour(n, surge=False) for n in range(REFERENCE)])
        pq.write_table(first, root / "in" / "0000.parquet")
        codes: list[int] = []
        for n in range(REFERENCE, REFERENCE + 7 * 24):
            surge = 48 <= n - REFERENCE < 78
            pq.write_table(hour(n, surge=surge), root / "in" / f"{n}.parquet")
            if 100 <= n - REFERENCE < 100 + off:
                continue
            clock.at = FIRST + (n + 1) * HOUR + timedelta(minutes=10)
            codes.append(int(monitor.run()["exit_code"]))
        lines = [json.loads(line) for line in (root / "alerts.jsonl").read_text().splitlines()]
    print(
        f"{platform.processor() or platform.machine()}, Python {platform.python_version()}, ",
        end="",
    )
    print(f"{time.monotonic() - began:.0f} s; {len(codes)} runs, exit codes {sorted(set(codes))}")
    for line in lines:
        again = " again" if line["repeat"] else ""
        print(f"{line['at'][:16]} {line['labels']['alertname']} {line['state']}{again}: "
              f"{line['summary'][:90]}")  # fmt: skip


if __name__ == "__main__":
    main()
