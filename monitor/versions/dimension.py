"""Intrinsic dimension: how many coordinates the neighbourhood of an item needs."""

from __future__ import annotations

import math

import numpy as np

from monitor.batch import Float64
from monitor.versions.measure import Measure

_DISCARDED = 0.1
_FEWEST = 20


def two_nn(first: Float64, second: Float64) -> Measure:
    """TwoNN (Facco et al. 2017) from each item's distance to its first and second neighbour.

    The slope through 0 of −log(1 − F) over log(second / first), without the greatest tenth of
    the ratios, which noise and edges bend. Items with an exact copy (first = 0) are left out.
    Interval: ± 1.96 slope / √n. nan for fewer than 20 items.

    >>> rng = np.random.default_rng(0)
    >>> ratio = rng.uniform(size=4000) ** (-1 / 5)  # law of the ratio in five dimensions
    >>> round(two_nn(np.ones(4000), ratio).value)
    5
    """
    told = np.isfinite(first) & np.isfinite(second) & (first > 0)
    logs = np.sort(np.log(second[told] / first[told]))
    n = len(logs)
    kept = int(n * (1 - _DISCARDED))
    if kept < _FEWEST or not logs[:kept].any():
        return Measure(math.nan)
    x, y = logs[:kept], -np.log1p(-np.arange(1, kept + 1) / n)
    slope = float(x @ y) / float(x @ x)
    half = 1.96 * slope / math.sqrt(kept)
    return Measure(slope, slope - half, slope + half)
