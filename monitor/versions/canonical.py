"""Canonical correlations: a space in which two encoders of the same items agree most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.batch import Float32, Float64
from monitor.versions.identity import Bools
from monitor.versions.neighbours import unit

DIRECTIONS = 256
"""At most so many leading directions of either version."""

_FOLDS = 4


@dataclass(frozen=True, eq=False)
class Whitening:
    """Rows x (n, d) to (x − mean) axes, (n, k): about the same variance in all directions."""

    mean: Float64
    axes: Float64

    def image(self, x: Float32) -> Float32:
        """Where rows x (n, d) land, (n, k)."""
        return np.asarray((x - self.mean.astype(np.float32)) @ self.axes.astype(np.float32))


@dataclass(frozen=True, eq=False)
class Canonical:
    """Maps (k, r) and (l, r) of two whitened versions to where they agree, √ of each canonical
    correlation being the weight of its direction (Hotelling 1936)."""

    left: Float32
    right: Float32

    def agreement(self, x: Float32, y: Float32) -> Float64:
        """Cosine (n,) of paired whitened rows x (n, k) and y (n, l)."""
        images = unit(x @ self.left), unit(y @ self.right)
        return np.asarray((images[0] * images[1]).sum(axis=1), np.float64)


def whitening(rows: Float32) -> Whitening:
    """Of rows (n, d); the mean eigenvalue is added to each, so that small ones stay small.

    >>> x = np.array([[2, 0], [-2, 0], [0, 1], [0, -1]], np.float32)
    >>> np.abs(whitening(x).image(x[:1])).round(2).tolist()
    [[0.0, 1.1100000143051147]]
    """
    mean = rows.mean(axis=0, dtype=np.float64)
    centred = rows - mean
    values, axes = np.linalg.eigh(centred.T @ centred / len(rows))
    values = np.clip(values, 0, None)
    sized = axes / np.sqrt(values + (float(values.mean()) or 1.0))
    return Whitening(mean, np.asarray(sized[:, -DIRECTIONS:]))


def canonical(x: Float32, y: Float32) -> Canonical:
    """Of paired whitened rows x (n, k) and y (n, l)."""
    u, correlation, vt = np.linalg.svd(x.T @ y / np.float32(len(x)), full_matrices=False)
    weight = np.sqrt(correlation)
    return Canonical(np.asarray(u * weight), np.asarray(vt.T * weight))


def held_out(x: Float32, y: Float32, fitted: Bools) -> tuple[Float64, Float64]:
    """Agreement (n,) of whitened rows with themselves, and (n,) with a stranger's, each by maps
    of other rows: of those `fitted` (n,) of three other quarters."""
    own, chance = np.zeros(len(x)), np.zeros(len(x))
    fold = np.arange(len(x)) % _FOLDS
    for f in range(_FOLDS):
        rest, held = (fold != f) & fitted, np.flatnonzero(fold == f)
        maps = canonical(x[rest], y[rest])
        own[held] = maps.agreement(x[held], y[held])
        # Half of the items away: neighbours in a file are often alike.
        chance[held] = maps.agreement(x[held], np.roll(y[held], len(held) // 2, axis=0))
    return own, chance
