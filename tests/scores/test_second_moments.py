"""Second moments of all pairs of coordinates."""

from __future__ import annotations

import numpy as np

from monitor.basis import Basis
from monitor.frame import Frame
from monitor.profiles import Profile, parted, profile
from monitor.scores.permutations import assignments, p_value
from monitor.scores.second_moments import second_moments
from monitor.stats.hashing import row_hashes
from tests.rows import Floats, batch, topics


def seen(basis: Basis, rows: Floats) -> Profile:
    """The profile of some rows, with the products of all coordinates."""
    return parted([batch(rows)], Frame(basis, sample=0, crossed=16), 1)[1]


def test_it_is_the_distance_of_the_second_moments(basis: Basis) -> None:
    """Of the rows themselves, for the true sides and for sides of other buckets."""
    rng = np.random.default_rng(0)
    sides = topics(400, rng), topics(300, rng)
    deal = assignments(32, 64, rng)[:3]
    found = second_moments(basis, [seen(basis, rows) for rows in sides], deal)
    z = [
        (x - basis.x0).astype(np.float64) @ basis.components / np.sqrt(basis.deviations)
        for x in sides
    ]
    buckets = [row_hashes(x) % np.uint64(32) + 32 * i for i, x in enumerate(sides)]
    both, bucket = np.vstack(z), np.concatenate(buckets).astype(int)
    for sign, value in zip(deal, found, strict=True):
        first, second = (both[sign[bucket] == one] for one in (1, 0))
        gap = first.T @ first / len(first) - second.T @ second / len(second)
        expected = np.square(gap).sum() / (1 / len(first) + 1 / len(second))
        np.testing.assert_allclose(value, expected, rtol=1e-3)


def test_it_sees_what_no_coordinate_shows_alone(basis: Basis) -> None:
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
