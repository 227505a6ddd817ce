"""The numbers that sum up a row, against numpy in float64."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from monitor.frame import Frame
from monitor.stats.scalars import NAMES

from .conftest import Seen


def expected(seen: Seen) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Each scalar by its definition."""
    x, x0 = seen.vectors.astype(np.float64), seen.basis.x0.astype(np.float64)
    energy = np.square(x - x0).sum(axis=1)
    outside = energy - np.square(seen.y).sum(axis=1)
    distances = np.sort(cdist(seen.y, seen.basis.codebook), axis=1)
    first, second = distances[:, 0], distances[:, 1]
    norm = np.linalg.norm(x, axis=1)
    return {
        "log_norm": np.log(norm),
        "log_residual": np.log(outside / energy + 1e-4),
        "log_distance": np.log(first + 1e-6 * seen.basis.scale),
        "margin": (second - first) / second,
        "cosine": x @ x0 / norm / np.linalg.norm(x0),
        "log_peak": np.log(np.abs(x).max(axis=1)),
    }


def test_every_scalar_by_its_definition(seen: Seen) -> None:
    """In float32 to four digits."""
    found = Frame(seen.basis).raw_scalars(seen.vectors)
    for j, name in enumerate(NAMES):
        np.testing.assert_allclose(found[:, j], expected(seen)[name], rtol=1e-3, atol=2e-4)


def test_sums_of_standardised_scalars(seen: Seen) -> None:
    """What is summed is in units of the basis's deviations from the basis's means."""
    raw = np.stack([expected(seen)[name] for name in NAMES], axis=1)
    standard = (raw - seen.basis.scalar_mean) / seen.basis.scalar_deviation
    found = seen.profile.scalars
    np.testing.assert_allclose(found.total.sum(axis=0) / 600, standard.mean(axis=0), rtol=2e-3)
    np.testing.assert_allclose(
        found.squares.sum(axis=0) / 600, np.square(standard).mean(axis=0), rtol=4e-3
    )
