"""Procrustes against scipy, and against what was done to the rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes
from scipy.spatial import procrustes as scipy_procrustes

from monitor.versions.alignment import aligned_cosine, energy, moments, procrustes, r2_of, residuals

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 8)).astype(np.float32)
Y = (X + RNG.normal(size=X.shape)).astype(np.float32)
TURN = np.linalg.qr(RNG.normal(size=(8, 8)))[0].astype(np.float32)


def test_the_rotation_is_scipys() -> None:
    """Of the centred rows, whatever the blocks."""
    fit = procrustes(moments([(X[:100], Y[:100]), (X[100:], Y[100:])]))
    expected, _ = orthogonal_procrustes(X - X.mean(axis=0), Y - Y.mean(axis=0))
    np.testing.assert_allclose(fit.rotation, expected, atol=1e-4)


def test_r2_is_one_less_scipys_disparity() -> None:
    """scipy scales both sides to one and reports what is left."""
    fit = procrustes(moments([(X, Y)]))
    assert fit.r2 == pytest.approx(1 - scipy_procrustes(Y, X)[2], abs=1e-5)
    explained = r2_of(residuals(fit, X, Y), Y, np.random.default_rng(0))
    assert explained.value == pytest.approx(fit.r2, abs=1e-5)
    assert explained.low < explained.value < explained.high


def test_a_turned_scaled_and_shifted_version_is_carried_over_wholly() -> None:
    """Rotation, factor and shift come back."""
    y = 2.5 * X @ TURN + 7
    fit = procrustes(moments([(X, y)]))
    assert fit.scale == pytest.approx(2.5, rel=1e-4)
    np.testing.assert_allclose(fit.rotation, TURN, atol=1e-4)
    np.testing.assert_allclose(fit.shift, 7, rtol=1e-3)
    assert residuals(fit, X, y).max() < 1e-4
    assert aligned_cosine(fit, X, y).min() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("turned", [False, True])
def test_unlike_dimensions_are_padded(turned: bool) -> None:
    """More dimensions, turned or not, and back again lose nothing."""
    wide = np.pad(X, ((0, 0), (0, 4)))
    if turned:
        wide = wide @ np.linalg.qr(RNG.normal(size=(12, 12)))[0].astype(np.float32)
    for pair in ((X, wide), (wide, X)):
        assert procrustes(moments([pair])).r2 == pytest.approx(1, abs=1e-5)


def test_free_directions_are_not_turned() -> None:
    """Of six equal rows in eight dimensions the fit is the identity: others fit as well."""
    fit = procrustes(moments([(X[:6], X[:6])]))
    assert residuals(fit, X, X).max() < 1e-4


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (X + 3, (1, 0, 0, 0)),
        ((X - X.mean(axis=0)) @ TURN + X.mean(axis=0), (0, 1, 0, 0)),
        (2 * (X - X.mean(axis=0)) + X.mean(axis=0), (0, 0, 1, 0)),
    ],
)
def test_energy_goes_to_what_was_done(y: np.ndarray, expected: tuple[float, ...]) -> None:
    """A pure shift, rotation or scale takes all of it."""
    sums = moments([(X, y)])
    found = energy(sums, procrustes(sums))
    parts = (found.translation, found.rotation, found.scale, found.residual)
    np.testing.assert_allclose(parts, expected, atol=1e-4)


def test_energy_sums_to_one_and_equal_versions_have_none() -> None:
    """Shares of what there is to share."""
    sums = moments([(X, Y)])
    found = energy(sums, procrustes(sums))
    assert found.translation + found.rotation + found.scale + found.residual == pytest.approx(1)
    same = moments([(X, X)])
    assert np.isnan(energy(same, procrustes(same)).residual)


def test_no_rows_are_an_error() -> None:
    """Moments of nothing have no frame."""
    with pytest.raises(ValueError, match="moments of no rows"):
        moments([])


def test_a_decomposition_that_fails_is_done_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """LAPACK's quick method gives up on some matrices of low rank; the rotation is the same."""
    expected = procrustes(moments([(X, Y)])).rotation

    def gives_up(*_: object, **__: object) -> None:
        raise np.linalg.LinAlgError("SVD did not converge")

    monkeypatch.setattr(np.linalg, "svd", gives_up)
    found = procrustes(moments([(X, Y)])).rotation
    np.testing.assert_allclose(found, expected, atol=1e-5)
