"""Where a change is said to be: how much of what is named did not change.

    python benchmarks/localisation.py [--runs 40] [--seed 0]

Hourly traffic of `simulated_traffic.py` in 30 segments of 300 rows. Nine of ten rows of the second
topic become rows of the first, in 6 segments or in all of them; other topics stay as they are.
Segments and clusters are named at 10 % false discoveries, in windows that alarm.
"""

from __future__ import annotations

import argparse
import platform
import sys
from copy import deepcopy
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from simulated_traffic import TOPICS, Change, Kind, Traffic

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.calibration import Calibration, Channel
from monitor.frame import Frame
from monitor.readings import readings
from monitor.reasons import Rule, large
from monitor.scores.where import discoveries, two_sided
from monitor.traces import WHOLE, Observed

SEGMENTS, WEEKS = 30, 8
RULE = Rule("1 per 1000 windows", 1000)


def named_clusters(
    basis: Basis, calibration: Calibration, seen: list[Observed]
) -> npt.NDArray[np.bool_]:
    """Which clusters are marked, as `check` marks them."""
    normal = calibration.levels[Channel(WHOLE, 1, "clusters")].normal
    one = next(s for s in calibration.seen(basis, seen) if (s.segment, s.span) == (WHOLE, 1))
    return discoveries(two_sided(normal.z(one.residuals("clusters"))[0]))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    print(f"numpy {np.__version__}, {platform.machine()}, {given.runs} windows each")
    traffic = Traffic(Kind(correlation=0.8, rows=300 * SEGMENTS), SEGMENTS, given.seed)
    basis = traffic.basis()
    frame = Frame(basis, 0)
    quiet = traffic.windows(frame, range(WEEKS * 168))
    calibration = calibrated(basis, quiet)
    topics = (traffic.centres - basis.x0) @ basis.components
    nearest = np.square(basis.codebook[:, None] - topics).sum(axis=2).argmin(axis=1)
    print("| changed segments | alarms | named: segments | of them false | clusters | false |")
    print("|---|---|---|---|---|---|")
    for changed in (6, SEGMENTS):
        told: dict[str, list[float]] = {"segments": [], "false": [], "clusters": [], "wrong": []}
        for run in range(given.runs):
            own = deepcopy(traffic)
            own.rng = np.random.default_rng([given.seed, changed, run])
            own.state = own.rng.normal(size=TOPICS)
            hour = WEEKS * 168 + 12
            change = Change(moved=0.9, segments=changed)
            seen = [*quiet[-168:], *own.windows(frame, range(hour, hour + 1), change)]
            read = readings(basis, calibration, seen)
            if not (read.p_value <= 1 / RULE.n and large(read, RULE)):
                continue
            found = {int(name.rpartition("=s")[2]) for name in read.discovered()}
            clusters = np.flatnonzero(named_clusters(basis, calibration, seen[-1:]))
            told["segments"].append(len(found))
            told["false"].append(sum(s >= changed for s in found) / max(len(found), 1))
            told["clusters"].append(len(clusters))
            told["wrong"].append(float(np.mean(nearest[clusters] > 1)) if len(clusters) else 0.0)
        means = {key: np.mean(values) if values else np.nan for key, values in told.items()}
        print(
            f"| {changed} | {len(told['false'])} of {given.runs} | {means['segments']:.1f} | "
            f"{means['false']:.1%} | {means['clusters']:.1f} | {means['wrong']:.1%} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
