"""What the rule would have caught: stored history in which a topic grows. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.basis import Basis
from monitor.reasons import Rule
from monitor.replays import Week, judged
from monitor.stats.components import CROSSED
from monitor.stats.sample import coordinates
from monitor.traces import WHOLE, Observed, Traces

MOST_RUNS = 12
LEAST_ROWS = 5
"""Sampled rows of a cluster that make a topic."""


@dataclass(frozen=True)
class Caught:
    """share: of rows that became rows of one topic, from some window on; delays: for each run in
    which window after that it alarmed first, None where in none of the `horizon` windows that were
    looked at (fewer where the history ends before)."""

    share: float
    horizon: int
    delays: tuple[int | None, ...]

    def within(self, windows: int) -> int:
        """Runs that alarmed within so many windows."""
        return sum(one is not None and one <= windows for one in self.delays)

    @property
    def typical(self) -> float | None:
        """Median delay, in windows; None unless more than half of the runs alarmed."""
        late = median(math.inf if one is None else one for one in self.delays)
        return late if math.isfinite(late) else None


def caught(
    basis: Basis, weeks: Sequence[Week], pool: pa.Table, rule: Rule, share: float
) -> Caught | None:
    """How soon it is told that `share` of all rows become rows of one topic, beginning with up to
    12 of the weeks, each with another cluster of the sampled rows (`pool`). None: no cluster has
    five sampled rows, or no week has windows.

    Of the rows put in the leading coordinates and the cluster are known. Their other directions,
    norms and Fourier features are taken as those of the window, and segments stay as they are, so
    that the true delay is rather shorter.
    """
    clusters = pool["_cluster"].to_numpy()
    known = [k for k in np.unique(clusters) if (clusters == k).sum() >= LEAST_ROWS]
    chosen = [week for week in weeks if week.ahead]
    if not known or not chosen:
        return None
    rng = np.random.default_rng(0)
    rows = coordinates(pool).astype(np.float64)
    places = np.unique(np.linspace(0, len(chosen) - 1, MOST_RUNS).round().astype(int))
    delays = []
    for place in places.tolist():
        week, cluster = chosen[place], int(rng.choice(known))
        changed = [grown(one, rows[clusters == cluster], cluster, share, rng) for one in week.ahead]
        delays.append(_delay(basis, week, rule, changed))
    return Caught(share, max(week.calibration.span for week in chosen), tuple(delays))


def grown(
    one: Observed,
    rows: npt.NDArray[np.float64],
    cluster: int,
    share: float,
    rng: np.random.Generator,
) -> Observed:
    """A window a `share` of whose rows are drawn from `rows` (m, leading) of a cluster instead."""
    own = one.traces.sums[WHOLE]
    moved = rng.binomial(own.n.astype(np.int64), share)
    weights = np.zeros((len(own), len(rows)))
    group = np.repeat(np.arange(len(own)), moved)
    np.add.at(weights, (group, rng.integers(0, len(rows), len(group))), 1)
    upper = np.triu_indices(min(rows.shape[1], CROSSED))
    kept = own.mixed(np.diag(1 - moved / np.maximum(own.n, 1)))
    counts = kept.counts.copy()
    counts[:, cluster] += moved
    sums = replace(
        own,
        y=kept.y + weights @ rows,
        squares=kept.squares + weights @ np.square(rows),
        crossed=kept.crossed + weights @ (rows[:, upper[0]] * rows[:, upper[1]]),
        counts=counts,
    )
    return replace(one, traces=Traces(one.traces.basis_id, {**one.traces.sums, WHOLE: sums}))


def _delay(basis: Basis, week: Week, rule: Rule, changed: Sequence[Observed]) -> int | None:
    """The first window that alarms and did not before anything was put in."""
    found = judged(basis, week.calibration, rule, week.before, changed)
    new = {one.window for one in found if one.alarm} - week.alarmed
    return next((i for i, one in enumerate(changed, 1) if one.window in new), None)
