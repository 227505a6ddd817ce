"""Hubs are seen as skew."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import skew

from monitor.versions.hubness import antihubs, hub_skew, hubs_kept, occurrences


def test_the_skew_is_scipys() -> None:
    """Of the counts of neighbours."""
    rng = np.random.default_rng(0)
    near = rng.integers(50, size=(50, 10))
    found = hub_skew(near, 50, rng)
    assert found.value == pytest.approx(skew(np.bincount(near.ravel(), minlength=50)))
    assert found.low < found.value < found.high


def test_one_hub_for_all_is_seen() -> None:
    """An item next to everybody pulls the skew up."""
    near = np.column_stack([np.zeros(200, int), 1 + np.arange(200) % 199])
    assert hub_skew(near, 200, np.random.default_rng(0)).value > 10


def test_nobody_and_evenness_have_no_skew() -> None:
    """Empty places count for nobody; even counts have no skew."""
    assert occurrences(np.array([[-1, 0]]), 2).tolist() == [1, 0]
    assert np.isnan(hub_skew(np.array([[1], [0]]), 2, np.random.default_rng(0)).value)
    assert np.isnan(hub_skew(np.zeros((0, 1), int), 0, np.random.default_rng(0)).value)


def test_antihubs_are_nobodys_neighbours() -> None:
    """Items that no list holds, beside what even exposure would give."""
    found = antihubs(np.array([[1, 2], [1, -1]]), 5)
    assert found.value == pytest.approx(3 / 5)
    assert found.chance == pytest.approx((4 / 5) ** 3)


def test_hubs_in_and_out() -> None:
    """Of 300 items the three most frequent are hubs; one of them is replaced."""
    a = np.tile([0, 1, 2], (50, 1))
    b = np.tile([0, 1, 9], (50, 1))
    assert hubs_kept(a, b, 300).value == pytest.approx(2 / 3)
    assert np.isnan(hubs_kept(a, b, 99).value)
