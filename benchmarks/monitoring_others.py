"""The monitoring rule and default rules of other tools on the same simulated hourly traffic.

    python benchmarks/monitoring_others.py [--weeks 4] [--seed 0] [--only NAME …]

Kinds of traffic as in `simulated_traffic.py`, 400 rows an hour. `--weeks` quiet weeks are each held
against the eight before them, and so are 24 windows of which 10 % are a new topic. Rules of other
tools are worked out from the same sums (`embmon replay --others`). Printed third is what they find
at the threshold that alarms in one quiet window, as if it had been known beforehand.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from simulated_traffic import HOUR, KINDS, START, Change, Traffic

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.frame import Frame
from monitor.model import Window
from monitor.profiles import Profile, merged, of_rows
from monitor.reasons import Rule
from monitor.replays import judged
from monitor.scores.others import RULES, Past, energy, statistics
from monitor.traces import Observed, observed

WEEK = 168
REFERENCE = 8 * WEEK
RULE = Rule("1 per 1000 windows", 1000)
OURS = "embedding-monitor"
ASKED = [name for name, kind in KINDS.items() if not kind.missing]
"""Kinds of traffic whose windows all come."""


@dataclass(frozen=True)
class Seen:
    """A window, by its profile and as the rule sees it."""

    profile: Profile
    observed: Observed


def windows(
    traffic: Traffic, frame: Frame, hours: range, change: Change | None = None
) -> Iterator[Seen]:
    """These hours."""
    for hour in hours:
        rows = frame.rows(traffic.batch(hour, change))
        if rows.n:
            found = of_rows(rows, frame)
            at = Window(START + hour * HOUR, START + (hour + 1) * HOUR)
            yield Seen(found, observed(frame.basis, at, found))


def judged_by_all(
    basis: Basis, before: Sequence[Seen], due: Sequence[Seen]
) -> dict[str, list[float]]:
    """What every rule says of each of the windows that are due, after eight weeks: ours 1 where it
    alarms, the others their statistic."""
    reference = before[-REFERENCE:]
    energies = np.array([energy(one.profile) for one in reference])
    past = Past(merged([one.profile for one in reference]), energies)
    calibration = calibrated(basis, [one.observed for one in reference])
    reach, later = ([one.observed for one in part] for part in (before[-WEEK:], due))
    said = judged(basis, calibration, RULE, reach, later)
    told = [statistics(basis, past, one.profile) for one in due]
    found = {rule.name: [one[rule.name] for one in told] for rule in RULES}
    return {OURS: [float(one.alarm) for one in said], **found}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="+", default=ASKED, choices=ASKED)
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}")
    print(f"{given.weeks} quiet weeks, seed {given.seed}: alarms per 1000; of 24 changed windows;")
    print("of these at a threshold that alarms in one quiet window")
    thresholds = {OURS: 0.5} | {rule.name: rule.threshold for rule in RULES}
    print(f"| traffic | {' | '.join(thresholds)} |")
    print("|---" * (1 + len(thresholds)) + "|")
    for kind in given.only:
        traffic = Traffic(KINDS[kind], 0, given.seed)
        frame = Frame(traffic.basis(), 0)
        end = REFERENCE + given.weeks * WEEK
        quiet = list(windows(traffic, frame, range(end)))
        changed = list(windows(deepcopy(traffic), frame, range(end, end + 24), Change(new=0.1)))
        parts = [
            judged_by_all(frame.basis, quiet[:at], quiet[at : at + WEEK])
            for at in range(REFERENCE, len(quiet), WEEK)
        ]
        after = judged_by_all(frame.basis, quiet, changed)
        cells = []
        for name, threshold in thresholds.items():
            alone = np.concatenate([part[name] for part in parts])
            later, matched = np.array(after[name]), np.sort(alone)[-2]
            rate = 1000 * (alone > threshold).mean()
            at_one_rate = "" if name == OURS else f"; {(later > matched).sum()}"
            cells.append(f"{rate:.1f}; {(later > threshold).sum()}{at_one_rate}")
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
