"""Eigenspace instability agrees with its definition, and knows what linear maps change."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.versions.eigenspace import eigenspace_instability


def instability(x: np.ndarray, y: np.ndarray) -> float:
    """Of rows."""
    return eigenspace_instability(x.T @ x, y.T @ y, x.T @ y)


def test_it_is_the_trace_of_the_paper() -> None:
    """tr((UUᵀ + ŨŨᵀ − 2 ŨŨᵀUUᵀ) Σ) / tr Σ, Σ = (XXᵀ)³ + (YYᵀ)³, written out over the rows."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(50, 6))
    y = x[:, :5] + rng.normal(size=(50, 5))
    x, y = x / np.linalg.norm(x, 2), y / np.linalg.norm(y, 2)
    u, v = np.linalg.svd(x, full_matrices=False)[0], np.linalg.svd(y, full_matrices=False)[0]
    p, q = u @ u.T, v @ v.T
    sigma = np.linalg.matrix_power(x @ x.T, 3) + np.linalg.matrix_power(y @ y.T, 3)
    expected = np.trace((p + q - 2 * q @ p) @ sigma) / np.trace(sigma)
    assert instability(x, y) == pytest.approx(expected, abs=1e-9)


def test_a_linear_map_costs_nothing_and_noise_all() -> None:
    """0 after any invertible map; near 1 for unrelated versions of many rows."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(2000, 10))
    assert instability(x, x @ rng.normal(size=(10, 10))) == pytest.approx(0, abs=1e-6)
    assert instability(x, rng.normal(size=(2000, 10))) > 0.95


def test_no_variance_has_none() -> None:
    """Zeros: nan."""
    assert np.isnan(instability(np.zeros((5, 2)), np.zeros((5, 2))))
