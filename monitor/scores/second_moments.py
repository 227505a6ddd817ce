"""Products of all pairs of coordinates: changes of shape too small to show in any one of them."""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt

import numpy as np

from monitor.basis import Basis
from monitor.profiles import Profile
from monitor.scores.totals import Float64


def second_moments(basis: Basis, parts: Sequence[Profile], assigned: Float64) -> Float64:
    """Squared distance between the second moments E[zzᵀ] of the two sides of each assignment
    (w, m) of the parts' buckets, over its noise: (w,).

    z are the coordinates over the square roots of their deviations. At their own scale the first
    few hide all others; at one deviation each, the last, which are mostly noise, hide the first.
    The distance is a quadratic form in the Gram matrix of the buckets' sums of products, so that
    what is dealt anew is m numbers and not r².
    """
    n = np.concatenate([part.components.n for part in parts]).astype(np.float64)
    sums = np.concatenate([part.components.crossed for part in parts])
    kept = (isqrt(8 * sums.shape[1] + 1) - 1) // 2
    first, second = np.triu_indices(kept)
    deviations = basis.deviations.astype(np.float64)
    weight = np.where(first == second, 1.0, np.sqrt(2))  # each pair is there twice
    sums = sums * (weight / np.sqrt(deviations[first] * deviations[second]))
    centred = sums - np.outer(n, sums.sum(axis=0) / n.sum())
    inside = assigned @ n
    outside = n.sum() - inside
    inside, outside = np.maximum(inside, 1)[:, None], np.maximum(outside, 1)[:, None]
    signed = assigned / inside - (1 - assigned) / outside
    distance = ((signed @ (centred @ centred.T)) * signed).sum(axis=1)
    return np.asarray(distance / (1 / inside + 1 / outside)[:, 0])
