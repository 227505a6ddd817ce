"""Ridge maps agree with scikit-learn's and tell what they cannot carry."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from monitor.versions.linear import PENALTIES, low_rank, ridge


def versions(n: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """A version of eight dimensions, and a linear map of it into six, with noise."""
    rng = np.random.default_rng(0)
    y = rng.normal(size=(n, 8)).astype(np.float32)
    x = y @ rng.normal(size=(8, 6)) + 1 + noise * rng.normal(size=(n, 6))
    return y, x.astype(np.float32)


def test_it_is_scikit_learns_ridge() -> None:
    """At one of the penalties, which are shares of the mean eigenvalue."""
    y, x = versions(100, 3.0)
    found = ridge(y, x).image(y)
    mean = float(np.linalg.eigvalsh(np.cov(y.T, bias=True) * len(y)).mean())
    exact = [Ridge(alpha=p * mean).fit(y, x).predict(y) for p in PENALTIES]
    assert min(np.abs(found - e).max() for e in exact) < 1e-4


def test_a_cut_map_has_that_rank_and_keeps_the_greatest_part() -> None:
    """Rank 2 of 6: no other map of rank 2 comes nearer to the whole one's images."""
    y, x = versions(400, 0.1)
    whole = ridge(y, x)
    image = whole.image(y) - whole.mean_x
    cut = low_rank(whole, y, 2).image(y) - whole.mean_x
    assert np.linalg.matrix_rank(cut, tol=1e-2) == 2
    singular = np.linalg.svd(image, compute_uv=False)
    assert np.linalg.norm(image - cut) == pytest.approx(np.linalg.norm(singular[2:]), rel=1e-3)


def test_versions_that_do_not_vary_map_to_their_mean() -> None:
    """No variance, no map, no error."""
    x = np.arange(30, dtype=np.float32).reshape(10, 3)
    found = ridge(np.ones((10, 2), np.float32), x).image(np.ones((1, 2), np.float32))
    assert found[0] == pytest.approx(x.mean(axis=0))
