"""Sums of the principal coordinates against numpy and scikit-learn."""

from __future__ import annotations

import numpy as np
from sklearn.covariance import EmpiricalCovariance

from monitor.profiles import profile
from monitor.stats.components import CROSSED
from tests.rows import batch

from .conftest import Seen


def test_covariance_of_the_coordinates(seen: Seen) -> None:
    """As numpy's and, but for n − 1, as scikit-learn's."""
    found = seen.profile.components.covariance
    np.testing.assert_allclose(found, np.cov(seen.y, rowvar=False), rtol=1e-5, atol=1e-6)
    n = len(seen.y)
    learnt = EmpiricalCovariance().fit(seen.y).covariance_ * n / (n - 1)
    np.testing.assert_allclose(found, learnt, rtol=1e-5, atol=1e-6)


def test_root_of_a_covariance_without_full_rank(seen: Seen) -> None:
    """Its product with itself is the covariance, also of fewer rows than coordinates."""
    few = profile([batch(seen.vectors[:5])], seen.basis).components
    for sums in (seen.profile.components, few):
        np.testing.assert_allclose(sums.root @ sums.root.T, sums.covariance, atol=1e-6)


def test_sums_over_all_buckets(seen: Seen) -> None:
    """Means, squares and products of the coordinates, added up over the buckets."""
    found, leading = seen.profile.components, seen.y
    upper = np.triu_indices(min(leading.shape[1], CROSSED))
    crossed = (leading[:, upper[0]] * leading[:, upper[1]]).sum(axis=0)
    np.testing.assert_allclose(found.total.sum(axis=0), leading.sum(axis=0), atol=1e-3)
    np.testing.assert_allclose(found.squares.sum(axis=0), (leading**2).sum(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found.crossed.sum(axis=0), crossed, atol=1e-3)


def test_rows_of_an_entity_share_a_bucket(seen: Seen) -> None:
    """90 entities of 6 or 7 rows fall into 32 buckets whole."""
    n = seen.profile.components.n
    assert n.sum() == 600
    sizes = {entity: seen.entities.count(entity) for entity in set(seen.entities)}
    assert set(sizes.values()) == {6, 7}
    alone = profile([], seen.basis).components.n
    assert not alone.any()
    assert (n[n > 0] >= 6).all()


def test_one_row_has_no_covariance(seen: Seen) -> None:
    """Below two rows every entry is nan."""
    assert np.isnan(profile([], seen.basis).components.covariance).all()
