"""A week of hourly runs over a stream with one incident: who hears what, and when.

    python benchmarks/week.py              # once as planned, once with the host down for a day

Six weeks of hourly traffic are there before; the reference is the last four weeks. A file of one
hour comes each hour, then `run` is called, ten minutes past the hour, with a clock of its own. On
Wednesday at noon a topic comes up that was never there, for 30 hours. In the second week the host
is down from Thursday 06:00 for a day; the files still come.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.config import (
    AlertSettings,
    Config,
    MonitorSettings,
    ReportSettings,
    ScheduleSettings,
    SinkSettings,
)
from monitor.pipeline import Monitor

HOUR = timedelta(hours=1)
FIRST = datetime(2026, 9, 7, tzinfo=UTC)  # a Monday
MONDAY = FIRST + timedelta(weeks=6)
INCIDENT = range(60, 90)  # hours of the week
DOWN = range(78, 102)
TOPICS, D = 6, 16
CENTRES = np.random.default_rng(99).normal(size=(TOPICS + 1, D))


def traffic(hours: range, seed: int, changed: range = range(0)) -> pa.Table:
    """About 60 rows an hour of six topics, from `hours` since FIRST; a seventh while `changed`."""
    rng, parts = np.random.default_rng((seed, hours.start)), []
    for hour in hours:
        n = rng.poisson(60)
        weights = np.exp(rng.normal(0, 0.05, TOPICS) + 0.2 * np.sin(2 * np.pi * hour / 24))
        topic = rng.choice(TOPICS, n, p=weights / weights.sum())
        if hour in changed:
            topic[rng.random(n) < 0.4] = TOPICS
        vectors = (CENTRES[topic] + 0.3 * rng.normal(size=(n, D))).astype(np.float32)
        at = [FIRST + hour * HOUR + timedelta(seconds=float(s)) for s in rng.uniform(0, 3600, n)]
        columns = {"at": pa.array(at, pa.timestamp("us", "UTC"))}
        flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), D)
        parts.append(pa.table({**columns, "embedding": flat}))
    return pa.concat_tables(parts)


def configured(folder: Path) -> Config:
    """One monitor on hourly files, one sink."""
    return Config(
        root=folder,
        monitors={
            "search": MonitorSettings(
                space="queries",
                source="in/*.parquet",
                at="at",
                every="1h",
                reference="4w",
                min_rows=20,
            )
        },
        schedule=ScheduleSettings(every="1h", grace="1h"),
        alerts=AlertSettings(repeat_interval="12h"),
        sinks={"book": SinkSettings(kind="jsonl", path="alerts.jsonl")},
        report=ReportSettings(map="none"),
    )


def week(folder: Path, seed: int, down: range = range(0), hours: int = 168) -> list[dict[str, Any]]:
    """The messages of a week, with the `hour` of the week at which each was sent."""
    (folder / "in").mkdir()
    before = 6 * 168
    pq.write_table(traffic(range(before), seed), folder / "in" / "000.parquet")
    changed = range(before + INCIDENT.start, before + INCIDENT.stop)
    clock = [MONDAY]
    monitor = Monitor(configured(folder), now=lambda: clock[0])
    monitor.run()
    book, said = folder / "alerts.jsonl", []
    for hour in range(hours):
        rows = traffic(range(before + hour, before + hour + 1), seed, changed)
        pq.write_table(rows, folder / "in" / f"{hour + 1:03}.parquet")
        if hour in down:
            continue
        clock[0] = MONDAY + (hour + 1) * HOUR + timedelta(minutes=10)
        answer = monitor.run()
        if answer["exit_code"]:
            raise RuntimeError(f"hour {hour}: {answer['monitors']}")
        lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
        said += [{**json.loads(line), "hour": hour} for line in lines[len(said) :]]
    monitor.workspace.store.close()
    return said


def line(one: dict[str, Any]) -> str:
    """A message in one line."""
    hour, again = one["hour"], " again" if one["repeat"] else ""
    return f"  hour {hour:3}: {one['state']}{again}: {one['summary']}"


def main() -> None:
    """Both weeks."""
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, seed 0")
    for name, down in (("as planned", range(0)), ("host down for a day", DOWN)):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            said = week(Path(folder), 0, down)
        print(f"{name}: {len(said)} messages [{time.monotonic() - began:.0f} s]")
        print(*(line(one) for one in said), sep="\n")


if __name__ == "__main__":
    main()
