"""Moments against numpy in float64."""

from __future__ import annotations

import numpy as np

from monitor.fitting import fitted
from monitor.profiles import profile
from tests.rows import batch, topics

from .conftest import Seen


def test_mean_and_variance_of_every_dimension(seen: Seen) -> None:
    """Both follow from the sums."""
    n, x0, found = len(seen.vectors), seen.basis.x0, seen.profile.moments
    vectors = seen.vectors.astype(np.float64)
    mean = found.total / n
    np.testing.assert_allclose(x0 + mean, vectors.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(
        found.squares / n - mean**2, vectors.var(axis=0), rtol=1e-5, atol=1e-6
    )


def test_a_great_offset_costs_no_digits() -> None:
    """Variance one about a mean of 5,000: raw float32 sums of squares would lose it."""
    rng = np.random.default_rng(3)
    vectors = (5000 + rng.normal(size=(20_000, 4))).astype(np.float32)
    found = profile([batch(vectors)], fitted(vectors[:500])).moments
    n = len(vectors)
    variance = found.squares / n - (found.total / n) ** 2
    np.testing.assert_allclose(variance, vectors.astype(np.float64).var(axis=0), rtol=1e-5)


def test_no_rows_have_no_moments() -> None:
    """Of nothing, the sums are zero."""
    basis = fitted(topics(100, np.random.default_rng(0)))
    found = profile([], basis).moments
    assert not found.total.any()
    assert not found.squares.any()
