"""False alarms and detection of the monitoring rule on simulated hourly traffic.

    python benchmarks/monitoring_trust.py [--weeks 32] [--seeds 0] [--segments 0 30] [--rows 100]
        [--only NAME …]

The kinds of traffic are those of `simulated_traffic.py`; a segment has `--rows` rows in an average
window. The trailing reference of eight weeks moves on weekly; all windows after the first eight
weeks are judged. After the quiet history come 24 windows with a change: a topic doubled (in one
segment, where there are some), 10 % of the rows by another encoder, or 10 % of a new topic.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from simulated_traffic import KINDS, Change, Traffic

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.calibration import Calibration
from monitor.frame import Frame
from monitor.reasons import Rule
from monitor.replays import judged, poisson_interval, replayed
from monitor.traces import Observed

WEEK = timedelta(days=7)
TRAILING = 8
RULE = Rule("1 per 1000 windows", 1000)
CHANGES = {
    "a topic doubled": [Change(grown=2.0, topic=i) for i in range(5)],
    "10 % by another encoder": [Change(foreign=0.1)] * 2,
    "10 % of a new topic": [Change(new=0.1)] * 2,
}


def delay(
    basis: Basis, calibration: Calibration, recent: Sequence[Observed], changed: list[Observed]
) -> int | None:
    """In which of the changed windows it alarmed first; None: in none of them."""
    found = judged(basis, calibration, RULE, recent, changed)
    hour = changed[0].window.end - changed[0].window.start
    first = [one.window.start for one in found if one.alarm]
    return 1 + round((first[0] - changed[0].window.start) / hour) if first else None


def delays(
    traffic: Traffic, frame: Frame, quiet: list[Observed], after: int
) -> dict[str, list[int | None]]:
    """By change the delays of its runs, each from the same quiet weeks on."""
    recent = quiet[-TRAILING * 168 :]
    calibration = calibrated(frame.basis, recent)
    found: dict[str, list[int | None]] = {}
    for name, changes in CHANGES.items():
        for run, change in enumerate(changes):
            own = deepcopy(traffic)
            own.rng = np.random.default_rng([after, run])
            changed = own.windows(frame, range(after, after + 24), change)
            found.setdefault(name, []).append(
                delay(frame.basis, calibration, recent[-168:], changed)
            )
    return found


def trial(
    name: str, segments: int, rows: int, weeks: int, seed: int
) -> tuple[int, int, dict[str, list[int | None]]]:
    """Alarms and windows of a quiet history, and the delays of the changes after it."""
    kind = KINDS[name]
    kind = replace(kind, rows=max(kind.rows, rows * segments))
    traffic = Traffic(kind, segments, seed)
    frame = Frame(traffic.basis(), 0)
    quiet = traffic.windows(frame, range(weeks * 168))
    found = replayed(frame.basis, quiet, RULE, TRAILING * WEEK)
    return sum(one.alarm for one in found), len(found), delays(traffic, frame, quiet, weeks * 168)


def rated(alarms: int, windows: int) -> str:
    """Alarms per 1000 windows, with the interval."""
    low, high = poisson_interval(alarms, windows)
    return f"{alarms} of {windows} | {1000 * alarms / windows:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=32)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--segments", type=int, nargs="+", default=[0, 30])
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--only", nargs="+", default=list(KINDS), choices=list(KINDS))
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}")
    print(f"{given.weeks} weeks, seeds {given.seeds}, {given.rows} rows a segment")
    print("first alarm in window, of 24")
    shares = Traffic(KINDS["independent"], 1, given.seeds[0]).shares()
    doubled = ", ".join(f"{share:.1%}" for share in shares[: len(CHANGES["a topic doubled"])])
    print(f"topics doubled: {doubled} of the first segment")
    print(f"| traffic | segments | alarms | per 1000 (95 %) | {' | '.join(CHANGES)} |")
    print("|---" * (4 + len(CHANGES)) + "|")
    pooled = [0, 0]
    for segments in given.segments:
        for name in given.only:
            began, alarms, windows, late = time.process_time(), 0, 0, {key: [] for key in CHANGES}
            for seed in given.seeds:
                a, w, found = trial(name, segments, given.rows, given.weeks, seed)
                alarms, windows = alarms + a, windows + w
                for key, values in found.items():
                    late[key] += values
            pooled = [pooled[0] + alarms, pooled[1] + windows]
            cells = [" ".join("-" if v is None else str(v) for v in late[key]) for key in CHANGES]
            took = time.process_time() - began
            print(
                f"| {name} | {segments} | {rated(alarms, windows)} | {' | '.join(cells)} | "
                f"{took:.0f} s",
                flush=True,
            )
    print(f"pooled: {rated(*pooled)}")


if __name__ == "__main__":
    main()
