"""Eigenspace instability: how unlike linear models on top of two versions would predict."""

from __future__ import annotations

import math

import numpy as np

from monitor.batch import Float64

ALPHA = 3.0
_NOTHING = 1e-7
"""Singular values below this share of the greatest are rounding."""


def eigenspace_instability(xx: Float64, yy: Float64, xy: Float64) -> float:
    """In [0, 1], from the products xx (d, d), yy (e, e) and xy (d, e) of the same rows.

    Leszczynski et al. 2020 (MLSys), equation 2: the expected disagreement of two least-squares
    models for random targets, with α = 3 and the two versions, each scaled to a greatest singular
    value of 1, as the anchors. 0: every linear model can be carried over. nan without variance.

    >>> x = np.array([[0.0, 0], [1, 0], [0, 2], [3, 1]])
    >>> y = x @ np.array([[2.0, 1], [0, 1]])
    >>> round(abs(eigenspace_instability(x.T @ x, y.T @ y, x.T @ y)), 9)
    0.0
    """
    left, power_x = _axes(xx)
    right, power_y = _axes(yy)
    total = float(power_x.sum() + power_y.sum())
    if total == 0:
        return math.nan
    cross = left.T @ xy @ right  # Uᵀ Ũ of the left singular vectors
    carried = float((power_x[:, None] * cross**2).sum() + (power_y * cross**2).sum())
    return min(1.0, max(0.0, 1 - carried / total))


def _axes(second: Float64) -> tuple[Float64, Float64]:
    """V / s, which takes rows to left singular vectors, and (s / greatest)^2α, of the axes that
    vary, from the product (d, d)."""
    values, axes = np.linalg.eigh(second)
    top = values[-1] if len(values) else 0.0
    known = values > max(top * _NOTHING**2, 0.0)
    if not top > 0:
        return np.zeros((len(values), 0)), np.zeros(0)
    roots = np.sqrt(values[known])
    return axes[:, known] / roots, (roots / roots[-1]) ** (2 * ALPHA)
