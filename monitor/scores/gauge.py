"""The size of a change between two groups of rows of which only sums are kept."""

from __future__ import annotations

import math

import numpy as np

from monitor.basis import Basis
from monitor.scores.effect import Effect, auc_of, residual_ratio
from monitor.scores.totals import Float64, Totals


def gauge(basis: Basis, expected: Totals, seen: Totals) -> Effect:
    """The effect, on the leading coordinates alone, of what was seen against what was expected;
    one group each. What the rows seen would differ by at random is taken off: those expected are
    known from many more."""
    n = max(float(seen.n[0]), 1.0)
    shift = _mean(seen.y, seen) - _mean(expected.y, expected)
    deviations = basis.deviations[: len(shift)].astype(np.float64)
    far2 = float(np.square(shift / deviations).sum())
    return Effect(
        tv_clusters=_total_variation(basis, expected, seen, n),
        mean_sd=length_of(basis, shift, n),
        auc=auc_of(far2 - len(shift) / n),
        residual_ratio=residual_ratio(basis, expected, seen),
    )


def length_of(basis: Basis, shift: Float64, n: float) -> float:
    """Length of a shift (p,) of the leading coordinates' mean over the root-mean-square radius of
    the basis, less what n rows would differ by at random."""
    deviations = basis.deviations.astype(np.float64)
    own2 = float(np.square(deviations[: len(shift)]).sum())
    radius2 = float(np.square(deviations).sum())
    return math.sqrt(max(0.0, (float(shift @ shift) - own2 / n) / radius2))


def _total_variation(basis: Basis, expected: Totals, seen: Totals, n: float) -> float:
    """Total variation of the shares, the larger of two estimates that read zero by chance: half the
    sum of all changes, less what chance adds; and, as it is the most that any set of clusters
    gained or lost, the largest change of a topic beyond doubt (5 % over all, Bonferroni)."""
    from scipy.special import ndtri

    p, q = ((t.counts / np.maximum(t.counts.sum(), 1e-300))[0] for t in (expected, seen))
    chance = np.sqrt(2 * p * (1 - p) / n / math.pi).sum() / 2
    before, change = basis.topics @ p, np.abs(basis.topics @ (q - p))
    error = np.sqrt(np.maximum(before * (1 - before), 0) / n)
    clear = change[change > -ndtri(0.025 / len(change)) * error]
    return float(max(np.abs(p - q).sum() / 2 - chance, *clear, 0.0))


def _mean(sums: Float64, totals: Totals) -> Float64:
    return np.asarray(sums[0] / max(float(totals.n[0]), 1e-300))
