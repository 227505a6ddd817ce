"""Representational similarity: are pairs that were far apart still far apart?"""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import rankdata

from monitor.batch import Float32, Float64
from monitor.versions.measure import Measure

_GROUPS = 10


def rank_correlation(x: Float32, y: Float32) -> float:
    """Spearman's correlation of the distances between all rows of x (n, d) and of y (n, e)."""
    return _spearman(_squared(x), _squared(y))


def rsa(x: Float32, y: Float32) -> Measure:
    """`rank_correlation` with an interval by a jackknife over ten groups of rows.

    Kriegeskorte, Mur and Bandettini 2008, with squared Euclidean distances (of unit rows: the
    order of cosines); nan for fewer than 3.

    >>> x = np.array([[0, 0], [1, 0], [0, 3], [4, 4]], np.float32)
    >>> round(rsa(x, -2 * x).value, 6)
    1.0
    """
    if len(x) < 3:
        return Measure(math.nan, chance=0.0)
    far_x, far_y = _squared(x), _squared(y)
    value = _spearman(far_x, far_y)
    group = np.arange(len(x)) % _GROUPS
    left_out = []
    for g in range(_GROUPS):
        keep = np.ix_(group != g, group != g)
        left_out.append(_spearman(far_x[keep], far_y[keep]))
    spread = np.asarray(left_out) - np.mean(left_out)
    half = 1.96 * math.sqrt((_GROUPS - 1) / _GROUPS * float(spread @ spread))
    return Measure(value, value - half, min(1.0, value + half), chance=0.0)


def _squared(x: Float32) -> Float64:
    """Squared distances (n, n), with the precision that near rows of a far cloud need."""
    exact = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    size = (exact * exact).sum(axis=1)
    return np.asarray(size[:, None] + size - 2 * exact @ exact.T)


def _spearman(a: Float64, b: Float64) -> float:
    upper = np.triu_indices(len(a), 1)
    if len(upper[0]) < 2:
        return math.nan
    r, s = rankdata(a[upper]), rankdata(b[upper])
    r, s = r - r.mean(), s - s.mean()
    size = math.sqrt(float(r @ r) * float(s @ s))
    return float(r @ s) / size if size > 0 else math.nan
