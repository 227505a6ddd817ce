"""TwoNN agrees with scikit-dimension and with the truth where that is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import KDTree

from monitor.versions.dimension import two_nn


def test_it_is_that_of_scikit_dimension() -> None:
    """scikit-dimension 0.5.0, TwoNN(discard_fraction=.1), of the same seeded points."""
    rng = np.random.default_rng(0)
    for n, d, e, expected in ((1000, 3, 10, 2.966119616897261), (1500, 8, 20, 7.7859072163221965)):
        points = rng.normal(size=(n, d)) @ rng.normal(size=(d, e))
        _, first, second = KDTree(points).query(points, 3)[0].T
        found = two_nn(first, second)
        assert found.value == pytest.approx(expected, abs=1e-9)
        assert found.low < d < found.high


def test_copies_are_left_out_and_few_items_have_none() -> None:
    """Distances of 0 say nothing; nineteen items say too little."""
    ratio = np.random.default_rng(1).uniform(size=1000) ** (-1 / 5)
    alone = two_nn(np.ones(1000), ratio)
    doubled = two_nn(np.concatenate([np.ones(1000), np.zeros(50)]), np.append(ratio, np.ones(50)))
    assert doubled == alone
    assert np.isnan(two_nn(np.ones(19), np.full(19, 2.0)).value)
