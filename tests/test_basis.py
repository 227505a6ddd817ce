"""The frozen frame: what it is made of, and that its name is its content."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from monitor.basis import Basis
from monitor.errors import FrameError, Undecided
from monitor.fitting import fitted
from monitor.profiles import profile
from tests.rows import batch, topics

ROWS = topics(500, np.random.default_rng(0), d=20)


def test_components_are_the_principal_directions() -> None:
    """As scikit-learn's, up to sign, which is fixed: the strongest weight is positive."""
    basis, pca = fitted(ROWS), PCA().fit(ROWS.astype(np.float64))
    np.testing.assert_allclose(basis.x0, pca.mean_, atol=1e-6)
    np.testing.assert_allclose(basis.deviations**2, pca.explained_variance_, rtol=1e-4)
    overlap = np.abs(np.einsum("dr,rd->r", basis.components[:, :10], pca.components_[:10]))
    np.testing.assert_allclose(overlap, 1, atol=1e-4)
    strongest = np.abs(basis.components).argmax(axis=0)
    assert (basis.components[strongest, np.arange(20)] > 0).all()


def test_dead_dimensions_are_left_out() -> None:
    """Three constant dimensions and a repeated one leave 16 components of 20."""
    rows = ROWS.copy()
    rows[:, [2, 5, 11]] = (0.0, 1.0, -3.0)
    rows[:, 7] = rows[:, 8]
    basis = fitted(rows)
    assert basis.components.shape == (20, 16)
    assert basis.deviations.min() > 0.1
    assert np.abs(basis.components[[2, 5, 11]]).max() < 1e-6


def test_at_most_256_components_and_64_leading() -> None:
    """Wide vectors are cut down, and only the leading coordinates are watched one by one."""
    wide = np.random.default_rng(1).normal(size=(400, 300)).astype(np.float32)
    basis = fitted(wide)
    assert basis.components.shape == (300, 256)
    assert basis.shape(7).leading == 64
    assert basis.shape(7).sample == 7
    assert basis.component_grid()[0].shape == (64,)


def test_the_same_rows_and_seed_give_the_same_basis() -> None:
    """Another seed, one row less or another entity column gives another."""
    known = fitted(ROWS, seed=3, entity="user")
    assert fitted(ROWS, seed=3, entity="user").id == known.id
    others = [
        fitted(ROWS, seed=4, entity="user"),
        fitted(ROWS[1:], seed=3, entity="user"),
        fitted(ROWS, seed=3),
        replace(known, scale=known.scale * 1.001),
    ]
    assert len({known.id, *(basis.id for basis in others)}) == 5
    assert known.id.startswith("sha256:")


def test_bytes_round_trip() -> None:
    """The very same basis comes back, with the same name."""
    basis = fitted(ROWS, entity="user")
    again = Basis.from_bytes(basis.to_bytes())
    assert again.id == basis.id
    assert again.to_bytes() == basis.to_bytes()


def test_bytes_of_something_else_are_refused() -> None:
    """A profile is no basis."""
    data = profile([], fitted(ROWS)).to_bytes()
    with pytest.raises(FrameError) as caught:
        Basis.from_bytes(data)
    assert caught.value.message == "'profile/1' is no basis this release can read"


def test_too_few_rows() -> None:
    """15 rows are too few, 16 are enough, if barely."""
    with pytest.raises(Undecided) as caught:
        fitted(ROWS[:15])
    assert caught.value.message == "15 usable rows are too few to fit a basis"
    assert caught.value.hint == "give 16 or more"
    assert profile([batch(ROWS)], fitted(ROWS[:16])).n == 500


@pytest.mark.parametrize("value", [0.5, 1e-8, 1e6])
def test_equal_rows(value: float) -> None:
    """Where nothing varies there is nothing to fit."""
    with pytest.raises(Undecided) as caught:
        fitted(np.full((50, 8), value, np.float32))
    assert caught.value.message == "all vectors are equal: there is nothing to fit a basis to"


def test_two_different_rows_are_enough_to_vary() -> None:
    """A reference of two points has one component and two clusters."""
    rows = np.repeat(np.eye(2, 8, dtype=np.float32), 20, axis=0)
    basis = fitted(rows)
    assert basis.components.shape == (8, 1)
    assert len(basis.codebook) == 2
    found = profile([batch(rows)], basis)
    assert sorted(found.clusters.counts.sum(axis=0).tolist()) == [20, 20]


def test_scalars_are_standardised_on_the_fitting_rows() -> None:
    """Of those rows, each scalar has mean 0 and deviation 1, but for a floor at constant ones."""
    unit = ROWS / np.linalg.norm(ROWS, axis=1, keepdims=True)
    basis = fitted(unit)
    found = profile([batch(unit)], basis).scalars
    mean = found.total.sum(axis=0) / 500
    deviation = np.sqrt(found.squares.sum(axis=0) / 500 - mean**2)
    np.testing.assert_allclose(mean, 0, atol=2e-3)
    assert deviation[0] < 1e-3  # log norm of unit vectors
    assert deviation[1] < 1  # rounding alone lies outside a basis of full rank
    np.testing.assert_allclose(deviation[2:], 1, atol=1e-3)
