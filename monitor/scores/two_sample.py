"""Two sets of rows: are they from one distribution? By permuting whole buckets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.basis import Basis
from monitor.model import Score
from monitor.profiles import Profile
from monitor.scores.families import FAMILIES
from monitor.scores.totals import Float64, Totals, bucket_totals, stacked, without_each

PERMUTATIONS = 999
SHRINKAGE = 0.1


@dataclass(frozen=True)
class TwoSample:
    """p_value of the strongest family after permutation; score and threshold are the largest
    standardised family statistic and its 95 % point under permutation; families."""

    p_value: float
    score: float
    threshold: float
    families: tuple[Score, ...]


def two_sample(
    basis: Basis, reference: Profile, current: Profile, *, level: float = 0.05, seed: int = 0
) -> TwoSample:
    """The bucket permutation test of two profiles in one basis.

    The basis must be fitted on the pooled rows, which permuting permits; one fitted on the
    reference alone makes the reference look closer to its own centres than fresh rows are.
    Under the null the 64 buckets are exchangeable; dividing by 1/n + 1/m studentises the
    statistic where the sides differ in size (Chung and Romano 2013). The p-value is
    (1 + number of permutations at least as large) / 1000, of the maximum over families.
    """
    buckets = stacked([bucket_totals(reference), bucket_totals(current)])
    sides = _assignments(len(buckets), np.random.default_rng(seed))
    first, second = buckets.mixed(sides), buckets.mixed(1 - sides)
    scores = {name: _statistics(basis, name, buckets, first, second) for name in FAMILIES}
    standard = {name: _standardised(values) for name, values in scores.items()}
    largest = np.max(list(standard.values()), axis=0)
    threshold = float(np.quantile(largest[1:], 1 - level))
    return TwoSample(
        _p_value(largest),
        float(largest[0]),
        threshold,
        tuple(_family_score(name, scores[name], standard[name], threshold) for name in FAMILIES),
    )


def _assignments(m: int, rng: np.random.Generator) -> Float64:
    """Which of m buckets are on the first side: as they were in row 0, then permuted."""
    sides = np.zeros((PERMUTATIONS + 1, m))
    sides[0, : m // 2] = 1
    shuffled = rng.permuted(np.tile(sides[0], (PERMUTATIONS, 1)), axis=1)
    return np.asarray(np.vstack([sides[:1], shuffled]))


def _statistics(basis: Basis, name: str, buckets: Totals, first: Totals, second: Totals) -> Float64:
    """T² of one family for every assignment: squared whitened difference over 1/n + 1/m."""
    family = FAMILIES[name]
    difference = family(basis, first) - family(basis, second)
    sizes = 1 / np.maximum(first.n, 1) + 1 / np.maximum(second.n, 1)
    jackknife = family(basis, without_each(buckets))
    spread = jackknife - jackknife.mean(axis=0)
    variance = buckets.n.sum() * len(spread) * np.mean(spread**2, axis=0)
    if not variance.any():  # e.g. no bad row on either side
        return np.zeros(len(difference))
    weights = 1 / (variance + SHRINKAGE * variance.mean())
    return np.asarray((difference**2 @ weights) / sizes)


def _standardised(values: Float64) -> Float64:
    spread = float(values[1:].std())
    return (values - values[1:].mean()) / spread if spread > 0 else np.zeros_like(values)


def _p_value(values: Float64) -> float:
    # The tolerance keeps an assignment that equals the true one up to rounding from counting less.
    slack = 1e-9 * abs(float(values[0]))
    return float((1 + (values[1:] >= values[0] - slack).sum()) / len(values))


def _family_score(name: str, values: Float64, standard: Float64, threshold: float) -> Score:
    return Score(
        name=name,
        value=float(values[0]),
        unbiased=float(values[0] - values[1:].mean()),
        se=float(values[1:].std()),
        p_value=_p_value(values),
        drifted=bool(standard[0] > threshold),
    )
