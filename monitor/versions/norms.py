"""Lengths of vectors: scaled, made unit length, or left as they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from monitor.batch import Float64
from monitor.versions.measure import Measure, quantile_of

UNIT_SPREAD = 0.002
"""Lengths that vary less than this (relative) are all one length."""

LOOSE_SPREAD = 0.01


@dataclass(frozen=True)
class Norms:
    """Lengths of paired rows.

    ratio: median of b over a; ratio_spread: robust relative spread of the ratios; spread_a,
    spread_b: robust relative spread of the lengths; median_a, median_b; ks: largest distance
    of the two distributions of lengths, in [0, 1].
    """

    ratio: Measure
    ratio_spread: float
    spread_a: float
    spread_b: float
    median_a: float
    median_b: float
    ks: float

    @property
    def lost(self) -> bool:
        """Whether a has one length and b many."""
        return self.spread_a < UNIT_SPREAD and self.spread_b > LOOSE_SPREAD

    @property
    def gained(self) -> bool:
        """Whether b has one length and a many."""
        return self.spread_b < UNIT_SPREAD and self.spread_a > LOOSE_SPREAD


def norms(a: Float64, b: Float64) -> Norms:
    """How lengths a (n,), all positive, turn into b (n,). No rows: nan.

    >>> found = norms(np.ones(50), np.full(50, 3.0))
    >>> found.ratio.value, found.lost
    (3.0, False)
    """
    if len(a) == 0:
        return Norms(Measure(math.nan), *(math.nan,) * 6)
    ratio = b / a
    return Norms(
        ratio=quantile_of(ratio, 0.5, chance=float(np.median(b) / np.median(a))),
        ratio_spread=_spread(ratio),
        spread_a=_spread(a),
        spread_b=_spread(b),
        median_a=float(np.median(a)),
        median_b=float(np.median(b)),
        ks=_ks(a, b),
    )


def _spread(values: Float64) -> float:
    """Robust coefficient of variation, from the middle 90 % of the values."""
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float((high - low) / 3.29 / middle)


def _ks(a: Float64, b: Float64) -> float:
    a, b = np.sort(a), np.sort(b)
    both = np.concatenate([a, b])
    below_a = np.searchsorted(a, both, side="right") / len(a)
    below_b = np.searchsorted(b, both, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())
