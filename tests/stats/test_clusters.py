"""Cluster counts and distances against scipy and scikit-learn."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances_argmin

from .conftest import Seen


def test_each_row_goes_to_its_nearest_centre(seen: Seen) -> None:
    """Counts are those of scikit-learn's assignment."""
    codebook = seen.basis.codebook.astype(np.float64)
    nearest = pairwise_distances_argmin(seen.y, codebook)
    expected = np.bincount(nearest, minlength=len(codebook))
    assert seen.profile.clusters.counts.sum(axis=0).tolist() == expected.tolist()
    assert seen.profile.clusters.counts.sum(axis=1).tolist() == seen.profile.components.n.tolist()


def test_distances_to_the_centres(seen: Seen) -> None:
    """Sums of distances and of their squares, per cluster."""
    distances = cdist(seen.y, seen.basis.codebook)
    nearest, distance = distances.argmin(axis=1), distances.min(axis=1)
    k = len(seen.basis.codebook)
    found = seen.profile.clusters
    sums = np.bincount(nearest, distance, k)
    np.testing.assert_allclose(found.distance.sum(axis=0), sums, rtol=1e-5)
    np.testing.assert_allclose(found.squares, np.bincount(nearest, distance**2, k), rtol=1e-5)
