"""Moments of all coordinates: changes spread too thinly to show in the leading ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np

from monitor.basis import Basis
from monitor.profiles import Profile
from monitor.scores.totals import Float64


def first_moments(basis: Basis, parts: Sequence[Profile], assigned: Float64) -> Float64:
    """Squared distance between the means of the two sides of each assignment (w, m) of the parts'
    buckets, over its noise: (w,). Every coordinate counts in its deviations, so that the many of
    little variance, in which a turned or another encoder moves most, weigh as much as the first.
    """
    sums = np.concatenate([part.components.total for part in parts])
    return _distances(sums / basis.deviations.astype(np.float64), _rows(parts), assigned)


def second_moments(basis: Basis, parts: Sequence[Profile], assigned: Float64) -> Float64:
    """The same of the second moments E[zzᵀ], where z are the coordinates over the square roots of
    their deviations. At their own scale the first few would hide all others; at one deviation
    each, the last, which are mostly noise, would hide the first.
    """
    sums = np.concatenate([part.components.crossed for part in parts])
    first, second = np.triu_indices((isqrt(8 * sums.shape[1] + 1) - 1) // 2)
    deviations = basis.deviations.astype(np.float64)
    weight = np.where(first == second, 1.0, np.sqrt(2))  # each pair is there twice
    weight /= np.sqrt(deviations[first] * deviations[second])
    return _distances(sums * weight, _rows(parts), assigned)


def _rows(parts: Sequence[Profile]) -> Float64:
    return np.concatenate([part.components.n for part in parts]).astype(np.float64)


def _distances(sums: Float64, n: Float64, assigned: Float64) -> Float64:
    """Of the means of the buckets dealt to either side, given their sums (m, p) and rows (m,): a
    quadratic form in the buckets' Gram matrix, so that what is dealt anew is m numbers, not p."""
    centred = sums - np.outer(n, sums.sum(axis=0) / n.sum())
    inside = assigned @ n
    outside = n.sum() - inside
    inside, outside = np.maximum(inside, 1)[:, None], np.maximum(outside, 1)[:, None]
    signed = assigned / inside - (1 - assigned) / outside
    distance = ((signed @ (centred @ centred.T)) * signed).sum(axis=1)
    return np.asarray(distance / (1 / inside + 1 / outside)[:, 0])
