"""Two sets of rows: are they from one distribution? By permuting whole buckets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.basis import Basis
from monitor.model import Score
from monitor.profiles import Profile
from monitor.scores.families import FAMILIES
from monitor.scores.moments import first_moments, second_moments
from monitor.scores.permutations import PERMUTATIONS, assignments, p_value
from monitor.scores.totals import Float64, Totals, bucket_totals, stacked, whole, without_each

SHRINKAGE = 0.1
POWERS = {"clusters": 4}
"""Powers of the whitened differences that a family adds up, if not squares: a topic changes few
of many clusters, and fourth powers weigh few large changes like many small ones."""

MOMENTS = {"mean_of_all": first_moments, "products": second_moments}
NAMES = (*FAMILIES, *MOMENTS)
"""All that a comparison asks, by the names in results."""

Sides = Profile | Sequence[Profile]


@dataclass(frozen=True)
class TwoSample:
    """p_value of all families together; score and threshold: the fused statistic and its point
    at `level` under permutation; families. All `nan` where a side has no rows."""

    p_value: float
    score: float
    threshold: float
    families: tuple[Score, ...]


def two_sample(
    basis: Basis, reference: Sides, current: Sides, *, level: float = 0.05, seed: int = 0
) -> TwoSample:
    """The bucket permutation test of two profiles in one basis.

    The basis must be fitted on the pooled rows, the same share of either side, which permuting
    permits; one fitted on the reference alone makes the reference look closer to its own centres
    than fresh rows are. Buckets must be of like size to be exchangeable: give the larger side as
    the parts of `profiles.parted`, each about as large as the smaller side.

    Each family's statistic is made near normal by its cube root (Wilson and Hilferty 1931) and
    standardised over the permutations; the families are fused by the logarithm of the mean of
    their exponentials, a maximum to which several families that agree add up (compare Biggs and
    others 2023). The p-value is (1 + number of permutations at least as large) / 1000.
    """
    sides = [[side] if isinstance(side, Profile) else side for side in (reference, current)]
    held = [stacked([bucket_totals(part) for part in side]) for side in sides]
    if not all(side.n.any() for side in held):
        return TwoSample(math.nan, math.nan, math.nan, tuple(_unknown(name) for name in NAMES))
    buckets = stacked(held)
    assigned = assignments(len(held[0]), len(buckets), np.random.default_rng(seed))
    first = buckets.mixed(assigned)
    second = whole(buckets).minus(first)
    values = {name: _statistics(basis, name, buckets, first, second) for name in FAMILIES}
    parts = [*sides[0], *sides[1]]
    values |= {name: moments(basis, parts, assigned) for name, moments in MOMENTS.items()}
    standard = {name: _standardised(found) for name, found in values.items()}
    telling = np.array([z for z in standard.values() if z.any()])
    if not len(telling):
        telling = np.zeros((1, PERMUTATIONS + 1))
    fused = np.log(np.exp(np.minimum(telling, 700)).mean(axis=0))
    largest = float(np.quantile(telling.max(axis=0)[1:], 1 - level))
    return TwoSample(
        p_value(fused),
        float(fused[0]),
        float(np.quantile(fused[1:], 1 - level)),
        tuple(_family_score(name, values[name], standard[name], largest) for name in NAMES),
    )


def _statistics(basis: Basis, name: str, buckets: Totals, first: Totals, second: Totals) -> Float64:
    """One family's statistic for every assignment: the sum of squares (T²), or of another power,
    of the whitened differences over their noise."""
    family = FAMILIES[name]
    difference = family(basis, first) - family(basis, second)
    sizes = 1 / np.maximum(first.n, 1) + 1 / np.maximum(second.n, 1)
    jackknife = family(basis, without_each(buckets))
    spread = jackknife - jackknife.mean(axis=0)
    variance = buckets.n.sum() * len(spread) * np.mean(spread**2, axis=0)
    if not variance.any():  # e.g. no bad row on either side
        return np.zeros(len(difference))
    squares = difference**2 / (variance + SHRINKAGE * variance.mean()) / sizes[:, None]
    return np.asarray((squares ** (POWERS.get(name, 2) / 2)).sum(axis=1))


def _standardised(values: Float64) -> Float64:
    roots = np.cbrt(values)
    spread = float(roots[1:].std())
    return (roots - roots[1:].mean()) / spread if spread > 0 else np.zeros_like(roots)


def _family_score(name: str, values: Float64, standard: Float64, threshold: float) -> Score:
    return Score(
        name=name,
        value=float(values[0]),
        unbiased=float(values[0] - values[1:].mean()),
        se=float(values[1:].std()),
        p_value=p_value(values),
        drifted=bool(standard[0] > threshold),
    )


def _unknown(name: str) -> Score:
    return Score(name, math.nan, math.nan, math.nan, math.nan, drifted=False)
