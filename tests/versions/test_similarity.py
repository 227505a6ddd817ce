"""CKA agrees with published numbers and with its definition."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from monitor.versions.eigenspace import eigenspace_instability
from monitor.versions.similarity import cka, kernel_alignment, linear_cka


def demo() -> tuple[np.ndarray, np.ndarray]:
    """The features of the notebook of Kornblith et al. 2019."""
    rng = np.random.RandomState(1337)
    x = rng.randn(100, 10)
    return x, rng.randn(100, 10) + x


def rbf(x: np.ndarray) -> np.ndarray:
    """Gaussian kernel (n, n), σ half the median distance, as that notebook has it."""
    squared = cdist(x, x, "sqeuclidean")
    return np.exp(-squared / (2 * 0.5**2 * np.median(squared)))


def test_kornbliths_demo() -> None:
    """The notebook's numbers: linear .55761, debiased .51346, with Gaussian kernels .65483."""
    x, y = demo()
    assert kernel_alignment(rbf(x), rbf(y), debiased=False) == pytest.approx(0.65483, abs=5e-6)
    assert linear_cka(x, y, debiased=False) == pytest.approx(0.55761, abs=5e-6)
    assert linear_cka(x, y, debiased=True) == pytest.approx(0.51346, abs=5e-6)


def test_the_demos_canonical_correlations() -> None:
    """Its mean squared CCA, .54312, is 1 − the eigenspace instability of whitened versions."""
    q, r = (np.linalg.qr(v)[0] for v in demo())
    instability = eigenspace_instability(q.T @ q, r.T @ r, q.T @ r)
    assert 1 - instability == pytest.approx(0.54312, abs=5e-6)


def test_plain_cka_is_that_of_the_features() -> None:
    """‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) of the centred features."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 5)), rng.normal(size=(60, 7))
    u, v = x - x.mean(axis=0), y - y.mean(axis=0)
    cross = np.linalg.norm(u.T @ v) ** 2
    expected = cross / (np.linalg.norm(u.T @ u) * np.linalg.norm(v.T @ v))
    assert linear_cka(x, y, debiased=False) == pytest.approx(expected)


def test_unrelated_versions_have_no_debiased_cka() -> None:
    """In many dimensions plain CKA is far from 0, debiased CKA is not."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 200, 400)).astype(np.float32)
    assert linear_cka(x, y, debiased=False) > 0.5
    found = cka(x, y, debiased=True)
    assert found.low < 0 < found.high < 0.05


def test_the_interval_holds_the_value_of_a_larger_sample() -> None:
    """A jackknife over a tenth of the rows against all rows."""
    rng = np.random.default_rng(2)
    x = rng.normal(size=(3000, 20)).astype(np.float32)
    y = x + rng.normal(size=x.shape).astype(np.float32)
    found = cka(x[:300], y[:300], debiased=True)
    assert found.low < linear_cka(x, y, debiased=True) < found.high


def test_a_version_that_does_not_vary_has_none() -> None:
    """Constant rows: nan."""
    assert np.isnan(linear_cka(np.ones((10, 2)), np.eye(10), debiased=False))
