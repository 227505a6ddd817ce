"""Ridge regression from one version to the other: what a linear map can carry over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.alignment import r2_of
from monitor.versions.measure import Measure
from monitor.versions.pairing import Pairs

PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
"""Tried as shares of the mean eigenvalue; a fifth of the rows, left out, decides."""

_LEFT_OUT = 5


@dataclass(frozen=True, eq=False)
class Linear:
    """The map y → (y − mean_y) W + mean_x, W of shape (e, d)."""

    weights: Float32
    mean_y: Float32
    mean_x: Float32

    def image(self, y: Float32) -> Float32:
        """Where rows y (n, e) land, (n, d)."""
        return np.asarray((y - self.mean_y) @ self.weights + self.mean_x, np.float32)


def ridge(y: Float32, x: Float32) -> Linear:
    """The ridge regression of x (n, d) on y (n, e); the penalty by rows left out.

    >>> y = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    >>> found = ridge(y, y[:, ::-1] * 2 + 1).image(y[:1]) - (y[:1, ::-1] * 2 + 1)
    >>> bool(np.abs(found).max() < 0.01)
    True
    """
    out = np.arange(len(y)) % _LEFT_OUT == 0
    trial = _Solver(y[~out], x[~out])
    lost = [float(((trial.map(p).image(y[out]) - x[out]) ** 2).sum()) for p in PENALTIES]
    return _Solver(y, x).map(PENALTIES[int(np.argmin(lost))])


def low_rank(full: Linear, y: Float32, rank: int) -> Linear:
    """`full` cut to the `rank` directions that carry most of its images of y (Izenman 1975)."""
    image = full.image(y) - full.mean_x
    axes = np.linalg.eigh((image.T @ image).astype(np.float64))[1][:, -rank:].astype(np.float32)
    return Linear(np.asarray(full.weights @ axes @ axes.T), full.mean_y, full.mean_x)


def linear_r2(
    pairs: Pairs,
    split: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
    rng: np.random.Generator,
) -> tuple[Measure, Measure]:
    """Held-out R² of ridge from a to b and from b to a, fitted on the first rows of `split` and
    scored on the second."""
    fit, scored = split
    x, y = pairs.rows_a(fit), pairs.rows_b(fit)
    held_x, held_y = pairs.rows_a(scored), pairs.rows_b(scored)
    forth, back = ridge(x, y).image(held_x), ridge(y, x).image(held_y)
    return (
        r2_of(np.linalg.norm(held_y - forth, axis=1), held_y, rng),
        r2_of(np.linalg.norm(held_x - back, axis=1), held_x, rng),
    )


class _Solver:
    """Second moments of some rows, of which a map comes cheap at every penalty."""

    def __init__(self, y: Float32, x: Float32) -> None:
        self._mean_y, self._mean_x = y.mean(axis=0), x.mean(axis=0)
        centred = y - self._mean_y
        second = (centred.T @ centred).astype(np.float64)
        self._values, self._axes = np.linalg.eigh(second)
        cross = (centred.T @ (x - self._mean_x)).astype(np.float64)
        self._cross: Float64 = self._axes.T @ cross

    def map(self, penalty: float) -> Linear:
        values = np.clip(self._values, 0, None)
        floor = penalty * float(values.mean()) or 1.0
        weights = self._axes @ (self._cross / (values + floor)[:, None])
        return Linear(weights.astype(np.float32), self._mean_y, self._mean_x)
