"""The alarm families: what moves each, and that sampling noise is about 1/√n everywhere."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.profiles import profile
from monitor.scores.families import FAMILIES, WATCHED
from monitor.scores.totals import Totals, bucket_totals, stacked, whole, without_each
from monitor.stats.quality import Quality
from tests.rows import Floats, batch, topics


def totals(basis: Basis, rows: Floats) -> Totals:
    """All rows as one group."""
    return whole(bucket_totals(profile([batch(rows)], basis, sample=0)))


@pytest.mark.parametrize("name", [name for name in WATCHED if name != "quality"])
def test_noise_is_one_over_root_n(basis: Basis, name: str) -> None:
    """Over 80 samples of 400 rows: √n times the deviation of an entry is about one."""
    vectors = []
    for seed in range(80):
        rows = topics(400, np.random.default_rng(seed))
        vectors.append(WATCHED[name](basis, totals(basis, rows))[0])
    deviations = 20 * np.std(vectors, axis=0)
    assert 0.6 < np.median(deviations) < 1.3
    assert deviations.max() < 3.5


def test_clusters_are_angles_of_shares(basis: Basis) -> None:
    """2√share, whatever the number of rows."""
    found = totals(basis, topics(5000, np.random.default_rng(0)))
    vector = FAMILIES["clusters"](basis, found)[0]
    shares = (found.counts / found.n)[0]
    np.testing.assert_allclose(np.square(vector / 2), shares, atol=2e-4)


def test_a_topic_that_clusters_cut_up_is_one_of_the_sets(basis: Basis) -> None:
    """Of each of five topics some set of neighbouring clusters holds all rows and no others."""
    rows = [topics(200, np.random.default_rng(3), weights=np.eye(5)[i]) for i in range(5)]
    held = [totals(basis, own).counts[0] @ basis.topics.T for own in rows]
    whole_sets = [set(np.flatnonzero(own >= 199)) for own in held]
    touched = [set(np.flatnonzero(own > 0)) for own in held]
    for i in range(5):
        others = set.union(*(touched[j] for j in range(5) if j != i))
        assert whole_sets[i] - others
    assert basis.topics.shape == (2 * len(basis.codebook) - 2, len(basis.codebook))


def test_mean_and_covariance_follow_the_coordinates(basis: Basis) -> None:
    """Means over deviations; log variances and correlations as numpy has them."""
    rows = topics(2000, np.random.default_rng(1))
    y = (rows - basis.x0) @ basis.components
    found = totals(basis, rows)
    np.testing.assert_allclose(
        FAMILIES["mean"](basis, found)[0], y.mean(axis=0) / basis.deviations, atol=1e-5
    )
    vector = FAMILIES["covariance"](basis, found)[0]
    np.testing.assert_allclose(vector[:16] * np.sqrt(2), np.log(y.var(axis=0)), atol=1e-4)
    correlations = np.corrcoef(y, rowvar=False)[np.triu_indices(16, 1)]
    np.testing.assert_allclose(vector[16:], correlations, atol=1e-4)


def test_kernel_is_zero_on_the_fitting_rows(basis: Basis) -> None:
    """Its origin is the mean feature of the rows that the basis was fitted on."""
    rows = topics(3000, np.random.default_rng(1234))
    vector = FAMILIES["kernel"](basis, totals(basis, rows))[0]
    assert np.abs(vector).max() < 0.01


def test_quality_is_exactly_zero_on_clean_rows(basis: Basis) -> None:
    """And 2√share of each fault otherwise."""
    rows = topics(400, np.random.default_rng(2))
    assert not FAMILIES["quality"](basis, totals(basis, rows)).any()
    rows[:4, 0] = np.nan
    vector = FAMILIES["quality"](basis, totals(basis, rows))[0]
    assert vector[Quality.COUNTERS.index("nan") - 1] == pytest.approx(2 * np.sqrt(0.01))
    assert np.count_nonzero(vector) == 1


def test_no_rows_are_finite(basis: Basis) -> None:
    """Every family answers for an empty group, so that a permutation may leave one empty."""
    found = whole(bucket_totals(profile([], basis)))
    for family in WATCHED.values():
        assert np.isfinite(family(basis, found)).all()


def test_groups_add_and_subtract(basis: Basis) -> None:
    """The rest without each bucket and that bucket are the whole; empty buckets are passed over."""
    buckets = bucket_totals(profile([batch(topics(60, np.random.default_rng(3)))], basis))
    held = int((buckets.n > 0).sum())
    rest = without_each(buckets)
    assert len(buckets) == 32
    assert len(rest) == held < 32
    np.testing.assert_allclose(rest.n + buckets.n[buckets.n > 0], 60)
    np.testing.assert_allclose(rest.y.sum(axis=0), (held - 1) * whole(buckets).y[0], rtol=1e-9)
    both = stacked([buckets, buckets])
    np.testing.assert_allclose(whole(both).features, 2 * whole(buckets).features)


def test_buckets_of_the_basis_can_be_left_out(basis: Basis) -> None:
    """From bucket 8 on there are 24 groups, and the same sums without the first eight."""
    found = profile([batch(topics(500, np.random.default_rng(4)))], basis)
    part, all_of_it = bucket_totals(found, 8), bucket_totals(found)
    assert len(part) == 24
    for name in ("n", "y", "squares", "crossed", "features", "counts", "scalars", "quality"):
        assert np.array_equal(getattr(part, name), getattr(all_of_it, name)[8:])
