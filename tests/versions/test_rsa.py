"""RSA agrees with its definition through other libraries."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from monitor.versions.rsa import rsa


def test_it_is_spearmans_correlation_of_pair_distances() -> None:
    """scipy's, of versions of unlike dimensions."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6)).astype(np.float32)
    y = (x @ rng.normal(size=(6, 4)) + rng.normal(size=(40, 4))).astype(np.float32)
    found = rsa(x, y)
    expected = spearmanr(pdist(x.astype(float)), pdist(y.astype(float))).statistic
    assert found.value == pytest.approx(expected, abs=1e-6)
    assert found.low < found.value < found.high


def test_the_interval_holds_the_value_of_more_rows() -> None:
    """Of 300 rows, against 1500."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(1500, 8)).astype(np.float32)
    y = x + rng.normal(size=x.shape).astype(np.float32)
    found = rsa(x[:300], y[:300])
    assert found.low < rsa(x, y).value < found.high


def test_too_few_or_equal_rows_have_none() -> None:
    """Two rows, or rows that do not vary: nan."""
    assert np.isnan(rsa(np.eye(2, dtype=np.float32), np.eye(2, dtype=np.float32)).value)
    assert np.isnan(rsa(np.ones((9, 2), np.float32), np.eye(9, dtype=np.float32)).value)
