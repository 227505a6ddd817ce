"""Whole buckets dealt anew to two sides, and how rare the true deal is among them."""

from __future__ import annotations

import math

import numpy as np

from monitor.scores.totals import Float64

PERMUTATIONS = 999


def assignments(k: int, m: int, rng: np.random.Generator) -> Float64:
    """Which of m buckets are on the first side (1 or 0), one deal a row (1000, m): the first k in
    row 0, then any k."""
    sides = np.zeros((PERMUTATIONS + 1, m))
    sides[0, :k] = 1
    shuffled = rng.permuted(np.tile(sides[0], (PERMUTATIONS, 1)), axis=1)
    return np.asarray(np.vstack([sides[:1], shuffled]))


def p_value(values: Float64) -> float:
    """(1 + how many of the others are at least the first) / all; `nan` where the first is.

    >>> p_value(np.array([3.0, 1.0, 2.0, 3.0]))
    0.5
    """
    if math.isnan(values[0]):
        return math.nan
    # The slack keeps an assignment that equals the true one up to rounding from counting less.
    slack = 1e-9 * max(1.0, abs(float(values[0])))
    return float((1 + (values[1:] >= values[0] - slack).sum()) / len(values))
