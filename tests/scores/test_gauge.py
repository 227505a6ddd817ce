"""How large a change is, where only sums are known."""

from __future__ import annotations

import numpy as np

from monitor.basis import Basis
from monitor.profiles import profile
from monitor.scores.gauge import gauge
from monitor.scores.totals import Totals, bucket_totals, whole
from tests.rows import batch, topics


def totals(basis: Basis, n: int, seed: int, last: float = 1.0) -> Totals:
    """n rows of five topics; the last has the share last/9."""
    rows = topics(n, np.random.default_rng(seed), weights=(3, 2, 2, 1, last))
    return whole(bucket_totals(profile([batch(rows)], basis, sample=0)))


def test_total_variation_of_one_grown_topic(basis: Basis) -> None:
    """A topic of a ninth that doubles has moved a tenth of the rows: told within 3 points from 600
    rows, of many clusters that each are noise; alike, it reads at most one point."""
    expected = totals(basis, 50_000, 0)
    grown = [gauge(basis, expected, totals(basis, 600, seed, 2.0)) for seed in range(1, 9)]
    alike = [gauge(basis, expected, totals(basis, 600, seed)) for seed in range(1, 9)]
    assert all(0.05 < one.tv_clusters < 0.15 for one in grown)
    assert abs(np.mean([one.tv_clusters for one in grown]) - 0.089) < 0.03
    assert np.median([one.tv_clusters for one in alike]) <= 0.01
