"""False alarms and detection of the monitoring rule on simulated hourly traffic.

    python benchmarks/monitoring_trust.py [--weeks 32] [--seeds 3] [--segments 0 30]

Rows are drawn from 20 topics of a synthetic space of 32 dimensions. The topics' log weights have a
daily and a weekly season and vary from window to window: independently, as an AR(1) of .8 or .95,
or with a slow component on top; nights have a fifth of the rows. The trailing reference of eight
weeks moves on weekly. After the quiet history come 24 windows with a change: one topic doubled (in
one segment where there are segments), or 10 % of rows by another encoder.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.basis import Basis
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Batch, Window
from monitor.profiles import of_rows
from monitor.reasons import Rule
from monitor.replays import poisson_interval, replayed
from monitor.traces import Observed, segment_traces, traces

START = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
TOPICS, D = 20, 32
RULE = Rule("1 per 1000 windows", 1000)
NOISE = {"independent": (0.0, 0.0), "AR .8": (0.8, 0.0), "AR .95": (0.95, 0.0), "slow": (0.8, 0.3)}
"""Correlation of neighbouring windows, and size of the slow component."""


class Traffic:
    """One stream, window by window; `grown` and `foreign` change what `window` draws."""

    def __init__(self, noise: tuple[float, float], segments: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.segments, self.noise = segments, noise
        self.centres = self.rng.normal(size=(TOPICS, D))
        self.base = self.rng.normal(0, 0.5, TOPICS)
        self.season = self.rng.normal(0, 0.2, (2, TOPICS))
        self.own = self.rng.normal(0, 0.3, (max(segments, 1), TOPICS))
        self.state = self.rng.normal(0, 0.1, TOPICS)
        self.turn = np.linalg.qr(self.rng.normal(size=(D, D)))[0]
        self.phase = self.rng.uniform(0, 2 * np.pi, TOPICS)

    def window(self, hour: int, *, grown: float = 1.0, foreign: float = 0.0) -> Batch:
        rho, slow = self.noise
        self.state = rho * self.state + np.sqrt(1 - rho**2) * self.rng.normal(0, 0.1, TOPICS)
        daily = np.sin(2 * np.pi * hour / 24) * self.season[0]
        weekly = (hour // 24 % 7 >= 5) * self.season[1]
        drifting = slow * np.sin(2 * np.pi * hour / (24 * 180) + self.phase)
        log = self.base + daily + weekly + drifting + self.state
        awake = 0.6 - 0.4 * np.cos(2 * np.pi * hour / 24)
        n = self.rng.poisson((40 * self.segments if self.segments else 400) * awake)
        segment = self.rng.integers(0, max(self.segments, 1), n)
        weights = np.exp(log + self.own)
        weights[0, 0] *= grown
        edges = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
        topic = (self.rng.random(n)[:, None] > edges[segment]).sum(axis=1).clip(max=TOPICS - 1)
        rows = self.centres[topic] + 0.7 * self.rng.normal(size=(n, D))
        other = self.rng.random(n) < foreign
        rows[other] = rows[other] @ self.turn
        names = pa.array([f"s{i}" for i in segment])
        status = np.zeros(n, np.uint8)
        return Batch(rows.astype(np.float32), status, columns={"segment": names})


def seen(frame: Frame, hour: int, batch: Batch, segments: int) -> Observed:
    """A window as the rule sees it."""
    rows = frame.rows(batch)
    found = traces(frame.basis, of_rows(rows, frame))
    if segments:
        found = found + segment_traces(frame.basis, rows, ("segment",))
    return Observed(Window(START + hour * HOUR, START + (hour + 1) * HOUR), found)


def delay(basis: Basis, recent: list[Observed], changed: list[Observed]) -> int | None:
    """In which of the changed windows it alarmed first; None: in none of them."""
    found = replayed(basis, [*recent, *changed], RULE, 8 * WEEK)[-len(changed) :]
    return next((i + 1 for i, one in enumerate(found) if one.alarm), None)


def trial(name: str, segments: int, weeks: int, seed: int) -> tuple[int, int, list[int | None]]:
    """Alarms and windows of a quiet history, and the delays of both changes."""
    traffic = Traffic(NOISE[name], segments, seed)
    first = np.vstack([traffic.window(h).vectors for h in range(48)])
    # Rows of these windows are not among those judged, so all buckets may be.
    basis = fitted(first[:20_000], fitted_buckets=0)
    frame = Frame(basis, 0)
    hours = range(weeks * 168)
    quiet = [seen(frame, h, traffic.window(h), segments) for h in hours]
    found = replayed(basis, quiet, RULE, 8 * WEEK)
    recent, delays = quiet[-8 * 168 :], []
    changes: list[dict[str, float]] = [{"grown": 2.0}, {"foreign": 0.1}]
    for change in changes:
        late = range(hours.stop, hours.stop + 24)
        changed = [seen(frame, h, traffic.window(h, **change), segments) for h in late]
        delays.append(delay(basis, recent, changed))
    return sum(one.alarm for one in found), len(found), delays


def rated(alarms: int, windows: int) -> str:
    low, high = poisson_interval(alarms, windows)
    return (
        f"{alarms} of {windows}: {1000 * alarms / windows:.2f} per 1000 ({low:.2f} to {high:.2f})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weeks", type=int, default=32)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--segments", type=int, nargs="+", default=[0, 30])
    parser.add_argument("--only", nargs="+", default=list(NOISE))
    given = parser.parse_args()
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, {platform.machine()}")
    pooled = [0, 0]
    for segments in given.segments:
        for name in given.only:
            began, alarms, windows, delays = time.monotonic(), 0, 0, []
            for seed in range(given.seeds):
                a, w, late = trial(name, segments, given.weeks, seed)
                alarms, windows, delays = alarms + a, windows + w, [*delays, late]
            pooled = [pooled[0] + alarms, pooled[1] + windows]
            took = time.monotonic() - began
            print(
                f"{name}, {segments} segments: {rated(alarms, windows)}; first alarm after a topic "
                f"doubled and after 10 % foreign rows, in windows: {delays} [{took:.0f} s]",
                flush=True,
            )
    print(f"pooled: {rated(*pooled)}")


if __name__ == "__main__":
    main()
