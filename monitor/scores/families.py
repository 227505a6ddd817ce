"""The alarm families: each turns the totals of a group of rows into a vector that a change moves.

Each is a pure function (basis, totals of m groups) -> (m, p) float64, scaled so that the
sampling noise of every entry is about 1/√n. Rows are never needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from monitor.basis import Basis
from monitor.scores.totals import Float64, Totals
from monitor.stats.components import CROSSED
from monitor.stats.quality import Quality

Family = Callable[[Basis, Totals], Float64]


def clusters(basis: Basis, totals: Totals) -> Float64:
    """2√((c + 3/8) / (n + 3/4)) of each cluster's rows c: the angular transform of its share,
    whose variance is 1/n whatever the share (Anscombe 1948)."""
    return 2 * np.sqrt((totals.counts + 0.375) / (totals.n[:, None] + 0.75))


def topics(basis: Basis, totals: Totals) -> Float64:
    """2 arcsin √((c + 3/8) / (n + 3/4)) of the rows c in each set of neighbouring clusters, as
    `Basis.topics` has them: its variance is 1/n whatever the share. The sets overlap, so that it is
    the largest change among them that tells, as in tree-based scans (Kulldorff and others 2003)."""
    held = totals.counts @ basis.topics.T
    shares = (held + 0.375) / (totals.n[:, None] + 0.75)
    return np.asarray(2 * np.arcsin(np.sqrt(np.minimum(shares, 1))))


def mean(basis: Basis, totals: Totals) -> Float64:
    """Mean of the leading coordinates in units of their deviation in the basis."""
    return _mean(totals.y, totals) / basis.deviations[: totals.y.shape[1]]


def kernel(basis: Basis, totals: Totals) -> Float64:
    """Mean of the random Fourier features along their principal axes, each at unit variance:
    whitened kernel mean embedding (kernel Fisher discriminant, Harchaoui and others 2007)."""
    return (_mean(totals.features, totals) - basis.feature_mean) @ basis.feature_axes


def covariance(basis: Basis, totals: Totals) -> Float64:
    """Log variance of each leading coordinate, over √2, and the correlations of the first 16."""
    p = totals.y.shape[1]
    centre = _mean(totals.y, totals)
    floor = 1e-6 * np.square(basis.deviations[:p])
    variance = np.maximum(_mean(totals.squares, totals) - centre**2, floor)
    upper = np.triu_indices(min(p, CROSSED))
    crossed = _mean(totals.crossed, totals) - centre[:, upper[0]] * centre[:, upper[1]]
    crossed /= np.sqrt(variance[:, upper[0]] * variance[:, upper[1]])
    return np.hstack([np.log(variance) / np.sqrt(2), crossed[:, upper[0] != upper[1]]])


def scalars(basis: Basis, totals: Totals) -> Float64:
    """Mean and log variance (over √2) of the standardised scalars: log norm, log energy outside
    the subspace, log distance to the nearest centre, margin, cosine to the mean, log peak."""
    centre = _mean(totals.scalars, totals)
    variance = np.maximum(_mean(totals.scalar_squares, totals) - centre**2, 1e-4)
    return np.hstack([centre, np.log(variance) / np.sqrt(2)])


def quality(basis: Basis, totals: Totals) -> Float64:
    """2√ share of all rows that are null, of another dimension, NaN, Inf or zero; no constant is
    added to the counts, so that clean data on both sides is exactly no difference."""
    rows = np.maximum(totals.quality[:, [Quality.COUNTERS.index("rows")]], 1)
    return np.asarray(2 * np.sqrt(np.maximum(totals.quality[:, 1:], 0) / rows))


FAMILIES: Final[dict[str, Family]] = {
    "clusters": clusters,
    "mean": mean,
    "kernel": kernel,
    "covariance": covariance,
    "scalars": scalars,
    "quality": quality,
}
"""Every family of the two-sample test by its name in results."""

WATCHED: Final[dict[str, Family]] = {"topics": topics, **FAMILIES}
"""Every family of monitoring by its name in results."""
LARGEST = frozenset({"topics"})
"""Families whose entries are scored one by one, and only the largest counts."""


def _mean(sums: Float64, totals: Totals) -> Float64:
    return sums / np.maximum(totals.n, 1)[:, None]
