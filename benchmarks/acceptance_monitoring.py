"""Scenarios that others published, answered by the rule that judges windows over time.

    python benchmarks/acceptance_monitoring.py [--trials 10] [--only A16 ...]

`acceptance.py` has those that compare two samples. Data are generated. Each row says what was
expected and what was found.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from simulated_traffic import KINDS, Traffic

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.calibrate import calibrated
from monitor.calibration import Calibration
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Window
from monitor.profiles import profile
from monitor.readings import readings
from monitor.reasons import Rule
from monitor.replays import judged, replayed
from monitor.traces import Observed, observed

Rows = npt.NDArray[np.float32]
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def seen(basis: Basis, rows: Iterable[Rows], length: timedelta, first: int = 0) -> list[Observed]:
    """A window for each part of the rows, from window number `first` on."""
    found = []
    for i, part in enumerate(rows, first):
        batch = Batch(np.asarray(part, np.float32), np.zeros(len(part), np.uint8))
        window = Window(MONDAY + i * length, MONDAY + (i + 1) * length)
        found.append(observed(basis, window, profile([batch], basis, sample=0)))
    return found


def mixture(rng: np.random.Generator, n: int, share: npt.ArrayLike, d: int = 384) -> Rows:
    """n rows about as many centres as there are weights; always the same centres."""
    weights = np.asarray(share, float)
    centres = np.random.default_rng(99).normal(size=(len(weights), d))
    picked = rng.choice(len(weights), n, p=weights / weights.sum())
    return np.asarray(centres[picked] + 0.6 * rng.normal(size=(n, d)), np.float32)


def jittered(rng: np.random.Generator, n: int, new: float = 0.0) -> Rows:
    """n rows of twenty topics whose weights jitter by .2, and of a new one."""
    share = rng.lognormal(0, 0.2, 20)
    return mixture(rng, n, np.append(share / share.sum() * (1 - new), new))


def runs(trials: int) -> tuple[str, str]:
    """A4: N(0, 1) in ten dimensions, then + 1; windows of five rows, one alarm per 25 windows."""
    rule, lengths, delays = Rule("1 per 25 windows", 25, min_rows=2), [], []
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        basis = fitted(rng.normal(size=(2000, 10)).astype(np.float32), fitted_buckets=0)
        rows = [rng.normal(size=(5, 10)) for _ in range(504 + 150)]
        quiet = seen(basis, rows, HOUR)
        calibration = calibrated(basis, quiet[:504])
        lengths.append(first(basis, calibration, rule, quiet[336:504], quiet[504:], 150))
        moved = seen(basis, [rng.normal(size=(5, 10)) + 1 for _ in range(48)], HOUR, 504)
        delays.append(first(basis, calibration, rule, quiet[336:504], moved, 48))
    return "run 8.3-75, delay < 12.5", f"run {np.mean(lengths):.0f}, delay {np.mean(delays):.1f}"


def first(
    basis: Basis,
    calibration: Calibration,
    rule: Rule,
    before: Sequence[Observed],
    due: Sequence[Observed],
    most: int,
) -> int:
    """In which of the windows it first alarms; `most` where in none."""
    alarmed = {one.window for one in judged(basis, calibration, rule, before, due) if one.alarm}
    return next((i for i, one in enumerate(due, 1) if one.window in alarmed), most)


def quiet_days(n: int, make: Callable[[np.random.Generator], Rows], budget: int, seed: int) -> str:
    """Alarms of n days after eight weeks."""
    rng = np.random.default_rng(seed)
    basis = fitted(np.vstack([make(rng) for _ in range(6)]), fitted_buckets=0)
    history = seen(basis, (make(rng) for _ in range(56 + n)), DAY)
    found = replayed(basis, history, Rule(f"1 per {budget} windows", budget), 56 * DAY)
    return f"{sum(one.alarm for one in found)} of {len(found)}"


def no_drift(trials: int) -> tuple[str, str]:
    """A14: d = 384, windows of 300 and 500 rows."""
    found = [
        quiet_days(28 * trials, lambda rng, n=n: mixture(rng, n, np.ones(20)), 100, n)
        for n in (300, 500)
    ]
    return f"about {28 * trials / 100:.0f} each at one per 100", "; ".join(found)


def correlated(trials: int) -> tuple[str, str]:
    """A16: an hourly stream with AR .95, one alarm per 150 windows."""
    alarms = windows = 0
    for seed in range(max(1, trials // 5)):
        traffic = Traffic(KINDS["AR .95"], 0, 500 + seed)
        basis = traffic.basis()
        quiet = traffic.windows(Frame(basis, 0), range(12 * 168))
        rule = Rule("1 per 150 windows", 150)
        found = replayed(basis, quiet, rule, timedelta(weeks=8))
        alarms, windows = alarms + sum(one.alarm for one in found), windows + len(found)
    return f"about {windows / 150:.0f}", f"{alarms} of {windows}"


def nuisance(trials: int) -> tuple[str, str]:
    """A18: .01 deviations everywhere, in windows of 1,000 to 1,000,000 rows."""
    rng = np.random.default_rng(0)
    basis = fitted(mixture(rng, 5000, np.ones(20), 16), fitted_buckets=0)
    calibration = calibrated(
        basis, seen(basis, (mixture(rng, 1000, np.ones(20), 16) for _ in range(56)), DAY)
    )
    told = []
    for n in (1000, 10_000, 100_000, 1_000_000):
        rows = mixture(rng, n, np.ones(20), 16)
        moved = seen(basis, [rows + 0.01 * rows.std(axis=0)], DAY, 57)
        read = readings(basis, calibration, moved)
        alarm = judged(basis, calibration, Rule("1 per 1000 windows", 1000), [], moved)[0].alarm
        told.append(f"{'alarm' if alarm else 'none'} (mean {read.every[0].size.mean_sd:.3f})")
    return "none at any n, like effects", "; ".join(told)


def jitter(trials: int) -> tuple[str, str]:
    """Topic weights jitter (log-normal, .2); then 10 % of a new topic: 384-d, n = 1000."""
    calm = quiet_days(28 * trials, lambda rng: jittered(rng, 1000), 1000, 7)
    rng = np.random.default_rng(8)
    basis = fitted(np.vstack([jittered(rng, 1000) for _ in range(6)]), fitted_buckets=0)
    reference = seen(basis, (jittered(rng, 1000) for _ in range(56)), DAY)
    calibration = calibrated(basis, reference)
    rule = Rule("1 per 1000 windows", 1000)
    new = 0
    for _ in range(trials):
        changed = seen(basis, [jittered(rng, 1000, 0.1)], DAY, 56)
        new += judged(basis, calibration, rule, reference[-28:], changed)[0].alarm
    return "within 1 per 1000; new topic in all", f"{calm}; new topic in {new} of {trials}"


SCENARIOS: dict[str, Callable[[int], tuple[str, str]]] = {
    "A4": runs,
    "A14": no_drift,
    "A16": correlated,
    "A18": nuisance,
    "jitter": jitter,
}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--trials", type=int, default=10)
    options.add_argument("--only", nargs="*", default=list(SCENARIOS), choices=list(SCENARIOS))
    given = options.parse_args()
    print(f"numpy {np.__version__}, {platform.machine()}, {given.trials} trials")
    for name in given.only:
        expected, found = SCENARIOS[name](given.trials)
        said = (SCENARIOS[name].__doc__ or "").partition(": ")[2] or SCENARIOS[name].__doc__
        print(f"| {name} | {said} | {expected} | {found} |", flush=True)


if __name__ == "__main__":
    main()
