"""What a family's vector is like in quiet windows, and how far a window is from that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

SHRINKAGE = 0.1

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Residuals:
    """Windows less what the season lets expect of them.

    values (m, p); n (m,): rows; slots (m,): season slots; weeks: how many weeks they span.
    """

    values: Float64
    n: Float64
    slots: npt.NDArray[np.str_]
    weeks: int

    def of(self, rows: npt.NDArray[np.bool_]) -> Residuals:
        """Some of them."""
        return Residuals(self.values[rows], self.n[rows], self.slots[rows], self.weeks)


@dataclass(frozen=True, eq=False)
class Normal:
    """centres: slot -> (p,), "" for all slots together: what is left of the mean; axes (p, p) and
    noise (p,): in coordinates axes @ residual the covariance of a window of n rows is
    1 + noise / n, both empty where entries are scored one by one; between, within (p,): variances
    of single entries between windows, and within per row."""

    centres: Mapping[str, Float64]
    axes: Float64
    noise: Float64
    between: Float64
    within: Float64

    def arrays(self) -> dict[str, Float64]:
        """The state as named arrays."""
        centres = {f"centre:{key}": value for key, value in self.centres.items()}
        rest = ("axes", "noise", "between", "within")
        return {**centres, **{key: getattr(self, key) for key in rest}}

    @classmethod
    def from_arrays(cls, own: Mapping[str, Float64]) -> Self:
        """The normal whose `arrays` these are."""
        centres = {k.removeprefix("centre:"): v for k, v in own.items() if k.startswith("centre:")}
        return cls(centres, *(own[key] for key in ("axes", "noise", "between", "within")))

    def centred(self, found: Residuals) -> Float64:
        """Residuals (m, p) less their slots' centres."""
        names, place = np.unique(found.slots, return_inverse=True)
        centres = [self.centres.get(slot, self.centres[""]) for slot in names.tolist()]
        return np.asarray(found.values - np.array(centres)[place])

    def z(self, found: Residuals) -> Float64:
        """Each entry's residual over its deviation among windows of this size (m, p)."""
        spread = self.between + self.within / np.maximum(found.n, 1)[:, None]
        return self.centred(found) / np.sqrt(np.maximum(spread, 1e-300))

    def scores(self, found: Residuals) -> Float64:
        """T² = rᵀ(Σ_b + Σ_w/n + λI)⁻¹r of each window (m,), or where entries are scored one by one
        the largest z²; `nan` for one without rows."""
        if not len(self.axes):
            return np.where(found.n > 0, np.square(self.z(found)).max(axis=1), math.nan)
        rotated = self.centred(found) @ self.axes.T
        sizes = np.where(found.n > 0, found.n, math.nan)[:, None]
        return np.asarray((rotated**2 / (1 + self.noise / sizes)).sum(axis=1))


def normal(found: Residuals, within: Float64) -> Normal:
    """The normal of these residuals. within: the sampling covariance (p, p) per row; or variances
    (p,), at least 1, of entries that are scored one by one.

    Between-window covariance is what the residuals vary beyond sampling noise, made positive
    semidefinite; λ = 0.1 of the mean variance keeps few windows from claiming exactness.
    """
    centres, residuals = _centred(found)
    inverse = float(np.mean(1 / np.maximum(found.n, 1)))
    if within.ndim == 1:
        within = np.maximum(within, 1)
        variance = np.square(residuals).mean(axis=0)
        between = np.maximum(variance - within * inverse, 0) + SHRINKAGE * variance.mean()
        return Normal(centres, np.empty((0, len(within))), np.empty(0), between, within)
    covariance = residuals.T @ residuals / len(residuals)
    between = _positive(covariance - within * inverse)
    ridge = SHRINKAGE * float(np.trace(covariance)) / len(covariance)
    axes, noise = _common_axes(between + max(ridge, 1e-12) * np.eye(len(between)), within)
    return Normal(centres, axes, noise, np.diag(between).copy(), np.diag(within).copy())


def _centred(found: Residuals) -> tuple[dict[str, Float64], Float64]:
    """The mean of each slot with more than one window and, as "", of all, and the residuals less
    them, made as large as those of windows that the means were not learnt from."""
    whole = found.values.mean(axis=0)
    names, place, counts = np.unique(found.slots, return_inverse=True, return_counts=True)
    own = (counts >= 2) & (names != "")
    means = np.where(own[:, None], _sums(found.values, place, counts) / counts[:, None], whole)
    # What is expected of a window was learnt from w weeks with it, and so lies too close by
    # (w − 1)/w; a slot's own mean of m windows by (m − 1)/m.
    less = np.where(own, counts, found.weeks)
    grown = less / np.maximum(less - 1, 1)
    centres = {str(name): mean for name, mean in zip(names[own], means[own], strict=True)}
    return {"": whole, **centres}, (found.values - means[place]) * grown[place][:, None]


def _sums(values: Float64, place: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> Float64:
    """Sums of the values (m, p) in each place (s, p)."""
    ordered = values[np.argsort(place, kind="stable")]
    return np.add.reduceat(ordered, np.cumsum(counts) - counts)


def _positive(matrix: Float64) -> Float64:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def _common_axes(steady: Float64, sampling: Float64) -> tuple[Float64, Float64]:
    """Axes in which `steady` is the identity and `sampling` diagonal, with that diagonal:
    factorised once, after which a window of any size costs one product."""
    root = np.linalg.inv(np.linalg.cholesky(steady))
    noise, rotation = np.linalg.eigh(root @ sampling @ root.T)
    return np.asarray(rotation.T @ root), np.maximum(noise, 0)
