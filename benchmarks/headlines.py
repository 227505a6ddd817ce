"""A year of dated news headlines, day by day, as `embmon run` would have judged it.

    python benchmarks/headlines.py --data DIR [--permutations 20]

DIR holds `abc_headlines_minilm.parquet`: 74,358 headlines, 2003-02-19 to 2004-02-24, with `ts`,
`text` and `embedding`. The basis is fitted on the first eight weeks. The reference trails eight
weeks and moves on weekly, without days that alarmed. Printed are the days that alarmed, by name,
and the level against the first reference by month. Then the quiet weeks (without war,
SARS and Christmas) in random order, so that nothing develops; once with every day of them, and
once without public holidays, as a monitor with a calendar leaves them out. What alarms then is
false.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.basis import Basis
from monitor.calendars import Calendar, calendar
from monitor.config import Config, StoreSettings
from monitor.model import Verdict, Window
from monitor.pipeline import Monitor, references
from monitor.pipeline.judging import judge, stored_windows
from monitor.reasons import Rule
from monitor.replays import poisson_interval, replayed
from monitor.sources import Columns
from monitor.traces import Observed

SPACE = "headlines"
TRAILING, WEEK = timedelta(weeks=8), timedelta(weeks=1)
RULE = Rule("1 per 1000 windows", 1000)
FIRST = datetime(2003, 2, 24, tzinfo=UTC)
"""The first Monday: weeks are whole."""
LOUD = (
    (FIRST, datetime(2003, 5, 5, tzinfo=UTC)),
    (datetime(2003, 12, 15, tzinfo=UTC), datetime(2004, 1, 12, tzinfo=UTC)),
)
"""War, SARS and Easter; Christmas and the days around it. The other 42 weeks are called quiet."""
HOLIDAYS = calendar(
    [
        # Labour Day, the Adelaide Cup, Foundation Day, the Queen's Birthday, there and in the west.
        *("2003-05-05", "2003-05-19", "2003-06-02", "2003-06-09", "2003-09-29"),
        # Labour Day, the Melbourne Cup, Australia Day.
        *("2003-10-06", "2003-11-04", "2004-01-26"),
    ],
    [],
)
"""Public holidays of all or some mainland states of Australia in the quiet weeks."""


@dataclass(frozen=True)
class Day:
    """A day's verdict, and its JSON."""

    at: datetime
    verdict: Verdict
    document: dict[str, Any]


def ingested(folder: Path, source: Path) -> Monitor:
    """A store of all days, in a basis of the first eight weeks."""
    store = StoreSettings(url=f"sqlite:///{folder}/embmon.db", blobs=str(folder / "blobs"))
    monitor = Monitor(Config(root=folder, store=store))
    table = pq.read_table(source)
    table = table.set_column(
        table.schema.get_field_index("ts"), "ts", table["ts"].cast(pa.timestamp("us", "UTC"))
    )
    table = table.filter(pc.greater_equal(table["ts"], pa.scalar(FIRST)))
    late = pc.greater_equal(table["ts"], pa.scalar(FIRST + TRAILING))
    for name, part in (("first", pc.invert(late)), ("rest", late)):
        pq.write_table(table.filter(part), folder / f"{name}.parquet")
        columns = Columns(at="ts", text="text", id="id")
        monitor.ingest(SPACE, str(folder / f"{name}.parquet"), columns, every="1d")
    return monitor


def judged(monitor: Monitor) -> list[Day]:
    """Every day after the first eight weeks, by the reference that trails it."""
    workspace, found = monitor.workspace, list[Day]()
    stored = stored_windows(workspace, SPACE, workspace.basis(SPACE))
    at = FIRST + TRAILING
    while at < stored[-1].window.end:
        calm = {one.verdict.window for one in found if one.verdict.word == "drift"}
        told = {w for w in calm if w is not None}
        references.reference(workspace, SPACE, trailing="8w", end=at, leave_out=told)
        by = judge(workspace, SPACE)
        for one in (w for w in stored if at <= w.window.start < at + WEEK):
            found.append(Day(one.window.start, *by.judged(one)))
        at += WEEK
    return found


def permuted(
    seen: Sequence[Observed], seed: int, days: Calendar
) -> tuple[list[Observed], dict[Window, datetime]]:
    """The days of whole quiet weeks but for excluded ones, the weeks in another order: days keep
    their weekday. And when each of them truly was."""
    weeks = defaultdict(list)
    for one in seen:
        if not any(first <= one.window.start < last for first, last in LOUD):
            weeks[(one.window.start - FIRST) // WEEK].append(one)
    names = sorted(name for name, days in weeks.items() if len(days) == 7)
    stream, truly = list[Observed](), {}
    for new, old in enumerate(np.random.default_rng(seed).permutation(names).tolist()):
        for one in (day for day in weeks[old] if not days.excludes(day.window)):
            shift = (new - old) * WEEK
            moved = Window(one.window.start + shift, one.window.end + shift)
            stream.append(Observed(moved, one.traces))
            truly[moved] = one.window.start
    return stream, truly


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--permutations", type=int, default=20)
    options.add_argument("--year", action=argparse.BooleanOptionalAction, default=True)
    given = options.parse_args()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        monitor = ingested(Path(folder), given.data / "abc_headlines_minilm.parquet")
        workspace = monitor.workspace
        stored = stored_windows(workspace, SPACE, workspace.basis(SPACE))
        seen = [references.window_traces(workspace, one) for one in stored]
        if given.year:
            tell_year(judged(monitor))
        for days in (Calendar(), HOLIDAYS):
            tell_permuted(workspace.basis(SPACE), seen, given.permutations, days)


def tell_permuted(
    basis: Basis, seen: Sequence[Observed], permutations: int, left_out: Calendar
) -> None:
    """Alarms of quiet weeks in random order, and which days they were."""
    print(f"quiet weeks in random order, {len(left_out.excluded)} public holidays left out")
    days: Counter[str] = Counter()
    windows = 0
    for seed in range(permutations):
        stream, truly = permuted(seen, seed, left_out)
        found = replayed(basis, stream, RULE, TRAILING)
        windows += len(found)
        days.update(f"{truly[one.window]:%Y-%m-%d}" for one in found if one.alarm)
        print(f"weeks permuted, seed {seed}: {days.total()} of {windows}: {dict(days)}", flush=True)
    if windows:
        low, high = poisson_interval(days.total(), windows)
        print(f"{1000 * days.total() / windows:.2f} per 1000 ({low:.2f} to {high:.2f})")


def tell_year(days: Sequence[Day]) -> None:
    """Which days alarmed and by what; months in a table."""
    months: defaultdict[str, list[Day]] = defaultdict(list)
    for day in days:
        months[f"{day.at:%Y-%m}"].append(day)
        if day.verdict.word == "drift":
            causes = "; ".join(day.document["causes"])
            print(f"{day.at:%a %Y-%m-%d} p = {day.verdict.p_value:.1g}: {causes}")
    print("| month | days | alarms | warnings | level (median) |\n|---|---|---|---|---|")
    for name, own in months.items():
        words = [day.verdict.word for day in own]
        counts = f"{len(own)} | {words.count('drift')} | {words.count('warn')}"
        level = float(np.median([day.document["level"] for day in own]))
        print(f"| {name} | {counts} | {level:.3f} |", flush=True)


if __name__ == "__main__":
    main()
