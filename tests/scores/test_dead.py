"""Dimensions that stopped varying."""

from __future__ import annotations

import numpy as np

import monitor
from monitor.basis import Basis
from monitor.profiles import Profile, profile
from monitor.scores.dead import dead_dimensions
from tests.rows import Floats, batch, topics


def seen(basis: Basis, rows: Floats) -> Profile:
    """The profile of some rows."""
    return profile([batch(rows)], basis, sample=0)


def test_the_dimensions_that_hold_one_value(basis: Basis) -> None:
    """Whatever the value; those that held one before are no news."""
    rng = np.random.default_rng(0)
    a, b = topics(500, rng), topics(300, rng)
    a[:, 2] = 0.25
    b[:, [2, 5, 11]] = (0.25, 0, 1000.7)
    assert dead_dimensions(seen(basis, a), seen(basis, b)).tolist() == [5, 11]
    assert not len(dead_dimensions(seen(basis, a), seen(basis, a)))
    b[0, 5] = 1e-3
    assert dead_dimensions(seen(basis, a), seen(basis, b)).tolist() == [11]


def test_fewer_than_two_rows(basis: Basis) -> None:
    """Say nothing of any dimension."""
    some, one = (seen(basis, topics(n, np.random.default_rng(1))) for n in (50, 1))
    assert not len(dead_dimensions(some, one))
    assert not len(dead_dimensions(one, some))


def test_drift_names_them() -> None:
    """One of 64 dimensions at zero moves no row far, and is drift with its number."""
    rng = np.random.default_rng(2)
    a, b = (topics(800, rng, d=64) for _ in range(2))
    b[:, 17] = 0
    found = monitor.drift(a, b)
    assert found.verdict == "drift"
    assert "dimension 17 holds one value in every row, and did not before" in found.causes
