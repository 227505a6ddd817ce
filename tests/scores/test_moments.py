"""First and second moments of all coordinates."""

from __future__ import annotations

import numpy as np

from monitor.basis import Basis
from monitor.frame import Frame
from monitor.profiles import Profile, parted, profile
from monitor.scores.moments import first_moments, second_moments
from monitor.scores.permutations import assignments, p_value
from monitor.stats.hashing import row_hashes
from tests.rows import Floats, batch, topics


def seen(basis: Basis, rows: Floats) -> Profile:
    """The profile of some rows, with the products of all coordinates."""
    return parted([batch(rows)], Frame(basis, sample=0, crossed=16), 1)[1]


def test_they_are_distances_of_the_moments(basis: Basis) -> None:
    """Of the rows themselves, for the true sides and for sides of other buckets."""
    rng = np.random.default_rng(0)
    sides = topics(400, rng), topics(300, rng)
    deal = assignments(32, 64, rng)[:3]
    parts = [seen(basis, rows) for rows in sides]
    means, found = (f(basis, parts, deal) for f in (first_moments, second_moments))
    y = [(x - basis.x0).astype(np.float64) @ basis.components for x in sides]
    z = [rows / np.sqrt(basis.deviations) for rows in y]
    buckets = [row_hashes(x) % np.uint64(32) + 32 * i for i, x in enumerate(sides)]
    both, bucket = np.vstack(z), np.concatenate(buckets).astype(int)
    for sign, value, mean in zip(deal, found, means, strict=True):
        first, second = (both[sign[bucket] == one] for one in (1, 0))
        gap = first.T @ first / len(first) - second.T @ second / len(second)
        noise = 1 / len(first) + 1 / len(second)
        np.testing.assert_allclose(value, np.square(gap).sum() / noise, rtol=1e-3)
        moved = (first.mean(axis=0) - second.mean(axis=0)) / np.sqrt(basis.deviations)
        np.testing.assert_allclose(mean, np.square(moved).sum() / noise, rtol=1e-3)


def test_second_moments_see_what_no_coordinate_shows_alone(basis: Basis) -> None:
    """Sixteen normal coordinates against sixteen of which pairs move together, each spread as
    before: the smallest p-value there is, in each of five samples."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        a, b = rng.normal(size=(2, 500, 16))
        b[:, 8:] = 0.5 * b[:, :8] + np.sqrt(0.75) * b[:, 8:]
        parts = [seen(basis, rows.astype(np.float32)) for rows in (a, b)]
        values = second_moments(basis, parts, assignments(32, 64, rng))
        assert p_value(values) == 0.001


def test_profiles_for_the_store_keep_fewer_products(basis: Basis) -> None:
    """And have the others' first ones, to what float32 products differ by."""
    rows = topics(500, np.random.default_rng(1))
    few = parted([batch(rows)], Frame(basis, sample=0, crossed=5), 1)[1].components
    every = seen(basis, rows).components
    assert few.crossed.shape == (32, 15)
    np.testing.assert_allclose(every.first_crossed(5), few.crossed, atol=1e-3)
    np.testing.assert_allclose(every.products, few.products, atol=1e-2)
    assert profile([], basis).components.crossed.shape == (32, 136)
