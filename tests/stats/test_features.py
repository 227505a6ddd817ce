"""Random Fourier features against numpy, and against the kernel they stand for."""

from __future__ import annotations

import numpy as np

from monitor.fitting import BANDWIDTHS
from monitor.stats.features import UNIT

from .conftest import Seen


def test_sums_of_cosines_and_sines(seen: Seen) -> None:
    """The fixed-point sums are the float sums to half a step a row."""
    angles = seen.y @ seen.basis.frequencies
    expected = np.hstack([np.cos(angles), np.sin(angles)]).sum(axis=0)
    found = seen.profile.features.total.sum(axis=0) * UNIT
    np.testing.assert_allclose(found, expected, atol=600 * 2e-5)


def test_their_products_estimate_the_kernel(seen: Seen) -> None:
    """φ(x)·φ(y) / D is near the mean of three Gaussian kernels, as D is 256 within 0.1."""
    y = seen.y[:40]
    angles = y @ seen.basis.frequencies
    phi = np.hstack([np.cos(angles), np.sin(angles)])
    squared = np.square(y[:, None] - y[None]).sum(axis=2)
    kernels = [np.exp(-squared / (2 * (b * seen.basis.scale) ** 2)) for b in BANDWIDTHS]
    found = phi @ phi.T / seen.basis.frequencies.shape[1]
    assert np.abs(found - np.mean(kernels, axis=0)).mean() < 0.05
    np.testing.assert_allclose(np.diag(found), 1)
