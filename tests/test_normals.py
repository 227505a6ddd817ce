"""The quadratic form that scores a window."""

from __future__ import annotations

import math

import numpy as np
import pytest

from monitor.normals import Residuals, normal


def some(m: int = 60, p: int = 4) -> Residuals:
    """Correlated residuals of windows of 50 to 100 rows in two slots with their own centres."""
    rng = np.random.default_rng(0)
    slots = np.where(np.arange(m) % 7 >= 5, "weekend", "weekday")
    values = rng.normal(size=(m, p)) @ rng.normal(size=(p, p)) * 0.1
    values[slots == "weekend"] += 0.5
    return Residuals(values, rng.uniform(50, 100, m), slots, 9)


def test_t_squared_is_the_quadratic_form() -> None:
    """rᵀ(Σ_b + Σ_w/n + λI)⁻¹r, computed with numpy's inverse."""
    found, within = some(), np.eye(4) * 0.3
    residuals = np.empty_like(found.values)
    for slot in ("weekend", "weekday"):
        own = found.slots == slot
        centred = found.values[own] - found.values[own].mean(axis=0)
        residuals[own] = centred * own.sum() / (own.sum() - 1)
    covariance = residuals.T @ residuals / 60
    values, axes = np.linalg.eigh(covariance - within * np.mean(1 / found.n))
    between = (axes * np.maximum(values, 0)) @ axes.T
    ridge = 0.1 * np.trace(covariance) / 4 * np.eye(4)
    residual = found.values[0] - found.values[found.slots == found.slots[0]].mean(axis=0)
    inverse = np.linalg.inv(between + within / found.n[0] + ridge)
    expected = residual @ inverse @ residual
    assert normal(found, within).scores(found)[0] == pytest.approx(expected, rel=1e-6)


def test_z_of_a_new_week_has_a_deviation_of_one() -> None:
    """Though what is expected of each hour was learnt from eight weeks: 400 hours, 50 entries."""
    rng = np.random.default_rng(0)
    weeks, new = rng.normal(size=(8, 400, 50)), rng.normal(size=(400, 50))
    expected, n = weeks.mean(axis=0), np.full(3200, 1e9)
    learnt = Residuals((weeks - expected).reshape(3200, 50), n, np.full(3200, ""), 8)
    fresh = Residuals(new - expected, n[:400], np.full(400, ""), 1)
    assert normal(learnt, np.eye(50)).z(fresh).std() == pytest.approx(1, abs=0.02)


def test_no_rows_no_score() -> None:
    """A window without rows has none."""
    found = some()
    empty = Residuals(found.values[:1], np.zeros(1), found.slots[:1], 1)
    assert math.isnan(normal(found, np.eye(4)).scores(empty)[0])


def test_a_slot_of_one_window_has_no_centre_of_its_own() -> None:
    """It would be judged by itself."""
    found = some()
    found.slots[3] = "holiday"
    assert set(normal(found, np.eye(4)).centres) == {"", "weekday", "weekend"}
