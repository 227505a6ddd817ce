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
from monitor.profiles import Profile
from monitor.readings import readings
from monitor.reasons import Rule, large
from monitor.scores.radii import Radii, sums
from monitor.scores.where import discoveries, two_sided
from monitor.traces import WHOLE, Observed

SEGMENTS, WEEKS = 30, 8
RULE = Rule("1 per 1000 windows", 1000)


def named_clusters(
    basis: Basis, calibration: Calibration, seen: list[Observed], moved: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which clusters are marked for their share or for how far their rows lie from the centre (a
    change of which is `moved`, in deviations), as `check` marks them."""
    normal = calibration.levels[Channel(WHOLE, 1, "clusters")].normal
    one = next(s for s in calibration.seen(basis, seen) if (s.segment, s.span) == (WHOLE, 1))
    z = np.append(normal.z(one.residuals("clusters"))[0], moved)
    return np.asarray(discoveries(two_sided(z)).reshape(2, -1).any(axis=0))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--runs", type=int, default=40)
    options.add_argument("--seed", type=int, default=0)
    given = options.parse_args()
    print(f"numpy {np.__version__}, {platform.machine()}, {given.runs} windows each")
    traffic = Traffic(Kind(correlation=0.8, rows=300 * SEGMENTS), SEGMENTS, given.seed)
    basis = traffic.basis()
    frame = Frame(basis, 0)
    spread: list[npt.NDArray[np.float64]] = []
    quiet = traffic.windows(frame, range(WEEKS * 168), note=lambda one: spread.append(sums(one)))
    radii = Radii.among(spread)
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
            now: list[Profile] = []
            seen = [*quiet[-168:], *own.windows(frame, range(hour, hour + 1), change, now.append)]
            read = readings(basis, calibration, seen)
            if not (read.p_value <= 1 / RULE.n and large(read, RULE)):
                continue
            found = {int(name.rpartition("=s")[2]) for name in read.discovered()}
            clusters = np.flatnonzero(
                named_clusters(basis, calibration, seen[-1:], radii.change(now[0])[1])
            )
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
