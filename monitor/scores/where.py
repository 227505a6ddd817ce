"""Where a change is: clusters and components, at a controlled false discovery rate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import erfc, sqrt
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.profiles import Profile
from monitor.scores.effect import shares
from monitor.scores.radii import Radii
from monitor.scores.totals import Float64

FALSE_DISCOVERIES = 0.1
RADIUS = 0.01
"""A smaller change of distances, however certain, is not told."""


@dataclass(frozen=True)
class ClusterChange:
    """One cluster's share of rows on either side, 95 % bounds of the current one and of the change
    (`change_low`, `change_high`: of sampling alone), and the standardised change z; radius_ratio:
    how far its rows lie from its centre, over how far they did, and radius_z that change
    standardised. drifted, radius_drifted: kept by Benjamini-Hochberg at 10 % false discoveries
    among all shares and radii."""

    id: int
    reference_share: float
    current_share: float
    low: float
    high: float
    change_low: float
    change_high: float
    z: float
    drifted: bool
    radius_ratio: float
    radius_z: float
    radius_drifted: bool

    @property
    def cleared(self) -> Self:
        """The same where there was no alarm: looking for where is no second chance to find one."""
        return replace(self, drifted=False, radius_drifted=False)


def cluster_changes(
    reference: Profile, current: Profile, z: Float64, radii: Radii, first: int = 0
) -> list[ClusterChange]:
    """Every cluster, most changed share first; `z` (K,) of the shares comes from the rule that
    decided, `radii` are the usual ones, of buckets from `first` on."""
    before, now = shares(reference), shares(current)
    ratio, radius_z = radii.change(current, first)
    kept, moved = discoveries(two_sided(np.append(z, radius_z))).reshape(2, -1)
    low, high = _bounds(current)
    least, most = _change_bounds(before, now, _bounds(reference), (low, high))
    found = [
        ClusterChange(
            k,
            float(before[k]),
            float(now[k]),
            float(low[k]),
            float(high[k]),
            float(least[k]),
            float(most[k]),
            float(z[k]),
            bool(kept[k]),
            float(ratio[k]),
            float(radius_z[k]),
            bool(moved[k]) and abs(ratio[k] - 1) >= RADIUS,
        )
        for k in range(len(z))
    ]
    return sorted(found, key=lambda c: -abs(c.current_share - c.reference_share))


def share_z(reference: Profile, current: Profile) -> Float64:
    """Difference of the angularly transformed cluster shares over its standard error (K,), the
    error taken from the buckets of both sides, so that rows of one entity count together."""
    a, va = _angles(reference)
    b, vb = _angles(current)
    return np.asarray((b - a) / np.sqrt(np.maximum(va + vb, 1e-300)))


def component_shares(basis: Basis, reference: Profile, current: Profile) -> Float64:
    """Share of each leading component in the squared standardised shift of the mean; sums to 1."""
    p = reference.components.squares.shape[1]
    a = reference.components.total.sum(axis=0)[:p] / max(reference.n, 1)
    b = current.components.total.sum(axis=0)[:p] / max(current.n, 1)
    parts = np.square((b - a) / basis.deviations[:p])
    return np.asarray(parts / max(parts.sum(), 1e-300))


def two_sided(z: Float64) -> Float64:
    """Normal two-sided p-values of z.

    >>> two_sided(np.array([0.0, 1.959964])).round(3)
    array([1.  , 0.05])
    """
    return np.array([erfc(abs(value) / sqrt(2)) for value in z.tolist()])


def discoveries(p_values: Float64, rate: float = FALSE_DISCOVERIES) -> npt.NDArray[np.bool_]:
    """Which hypotheses Benjamini-Hochberg (1995) rejects at false discovery rate `rate`.

    >>> discoveries(np.array([0.001, 0.04, 0.5]), 0.1)
    array([ True,  True, False])
    """
    m = len(p_values)
    ordered = np.sort(p_values)
    passing = np.flatnonzero(ordered <= rate * np.arange(1, m + 1) / max(m, 1))
    limit = ordered[passing[-1]] if len(passing) else -1.0
    return np.asarray(p_values <= limit)


def _angles(profile: Profile) -> tuple[Float64, Float64]:
    """2√share of each cluster and its jackknife variance, at least the multinomial 1/n."""
    counts = profile.clusters.counts.astype(np.float64)
    held = counts[counts.sum(axis=1) > 0]
    total, n = held.sum(axis=0), held.sum()
    angle = 2 * np.sqrt((total + 0.375) / (n + 0.75))
    if len(held) < 2:
        return angle, np.full(len(angle), 1 / max(n, 1))
    others, sizes = total - held, n - held.sum(axis=1, keepdims=True)
    spread = 2 * np.sqrt((others + 0.375) / (sizes + 0.75))
    jackknife = (len(held) - 1) * spread.var(axis=0)
    return angle, np.maximum(jackknife, 1 / n)


def _bounds(profile: Profile) -> tuple[Float64, Float64]:
    angle, variance = _angles(profile)
    reach = 1.96 * np.sqrt(variance)
    low = np.square(np.maximum(angle - reach, 0) / 2)
    return low, np.square(np.minimum(angle + reach, 2) / 2)


def _change_bounds(
    before: Float64, now: Float64, was: tuple[Float64, Float64], is_: tuple[Float64, Float64]
) -> tuple[Float64, Float64]:
    """95 % bounds of `now - before` from those of either side (Newcombe 1998, method 10)."""
    low = now - before - np.hypot(now - is_[0], was[1] - before)
    return low, now - before + np.hypot(is_[1] - now, before - was[0])
