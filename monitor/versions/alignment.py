"""Orthogonal Procrustes: the rotation, scale and shift that carry one version onto the other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.linalg

from monitor.batch import Float32, Float64
from monitor.versions.measure import Measure

_EXACT_COLUMNS = 1024
"""Up to this many columns the decomposition runs in float64."""

_NOTHING = 1e-9
"""Singular values below this share of the greatest leave their direction free."""

Blocks = Iterable[tuple[Float32, Float32]]


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over n paired rows: x (d,), y (e,), xx and yy of squared lengths, xy (d, e)."""

    n: int
    x: Float64
    y: Float64
    xx: float
    yy: float
    xy: Float64

    @property
    def centred(self) -> tuple[float, float, Float64]:
        """Squared lengths of the centred x and y, and their cross product (d, e)."""
        mean_x, mean_y = self.x / self.n, self.y / self.n
        xy = self.xy - np.outer(mean_x, self.y)
        xx = self.xx - self.n * float(mean_x @ mean_x)
        return max(xx, 0.0), max(self.yy - self.n * float(mean_y @ mean_y), 0.0), xy


@dataclass(frozen=True, eq=False)
class Fit:
    """The map x → scale · (x − mean_x) R + mean_y; R is (d, e), or None for no rotation.

    r2: share of the squared spread of y it explains on the rows it was fitted on, in [0, 1];
    nan where either side does not vary.
    """

    rotation: Float32 | None
    scale: float
    mean_x: Float32
    mean_y: Float32
    r2: float

    def image(self, x: Float32) -> Float32:
        """Where rows x (n, d) land, (n, e)."""
        centred = (x - self.mean_x) * np.float32(self.scale)
        turned = centred if self.rotation is None else centred @ self.rotation
        return np.asarray(turned + self.mean_y, np.float32)

    @property
    def shift(self) -> Float64:
        """Where the origin of x lands, (e,): the translation that is left of the map."""
        origin = np.zeros((1, len(self.mean_x)), np.float32)
        return np.asarray(self.image(origin)[0], np.float64)


def moments(blocks: Blocks) -> Moments:
    """The sums of paired blocks x (m, d), y (m, e); at least one block."""
    total: Moments | None = None
    for x, y in blocks:
        part = Moments(
            len(x),
            x.sum(axis=0, dtype=np.float64),
            y.sum(axis=0, dtype=np.float64),
            float(np.einsum("ij,ij->", x, x, dtype=np.float64)),
            float(np.einsum("ij,ij->", y, y, dtype=np.float64)),
            _cross(x, y),
        )
        total = part if total is None else _sum(total, part)
    if total is None:
        raise ValueError("moments of no rows")
    return total


def _cross(x: Float32, y: Float32) -> Float64:
    """xᵀy; in float64 where the rows are few, so that free directions show as zeros."""
    if len(x) < 4 * x.shape[1]:
        return np.asarray(x.astype(np.float64).T @ y.astype(np.float64))
    return (x.T @ y).astype(np.float64)


def procrustes(sums: Moments, *, rotate: bool = True, centre: bool = True) -> Fit:
    """The best rotation (and reflection), scale and, with `centre`, shift (Schönemann 1966).

    Unlike dimensions are padded with zeros, so R has orthonormal rows or columns. Where few
    rows leave directions free, those are turned as little as possible.

    >>> x = np.array([[0, 0], [1, 0], [0, 2]], np.float32)
    >>> fit = procrustes(moments([(x, 3 * x[:, ::-1] + 1)]))
    >>> round(fit.r2, 6), round(fit.scale, 6)
    (1.0, 3.0)
    """
    d, e = sums.xy.shape
    xx, yy, xy = sums.centred if centre else (sums.xx, sums.yy, sums.xy)
    rotation: Float32 | None = None
    if rotate:
        rotation = _rotation(xy if max(d, e) <= _EXACT_COLUMNS else xy.astype(np.float32))
        gain = float((rotation * xy).sum())
    else:
        gain = float(np.trace(xy))
    known = xx > 0 and yy > 0
    mean = np.float64(centre) / sums.n
    return Fit(
        rotation,
        gain / xx if known else 1.0,
        np.asarray(sums.x * mean, np.float32),
        np.asarray(sums.y * mean, np.float32),
        min(1.0, gain * abs(gain) / (xx * yy)) if known else math.nan,
    )


def _rotation(xy: npt.NDArray[np.floating[Any]]) -> Float32:
    """The rotation (d, e) nearest to the cross product xy; where that is 0, to the identity."""
    u, singular, vt = _decomposed(xy)
    rank = int((singular > _NOTHING * singular[0]).sum())
    rotation = u[:, :rank] @ vt[:rank]
    if rank < len(singular):
        free_u, free_vt = u[:, rank:], vt[rank:]
        inner, _, outer = _decomposed(free_u.T @ np.eye(*xy.shape, dtype=xy.dtype) @ free_vt.T)
        rotation = rotation + free_u @ (inner @ outer) @ free_vt
    return np.asarray(rotation, np.float32)


def _decomposed(
    matrix: npt.NDArray[np.floating[Any]],
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]]:
    """The thin singular value decomposition. LAPACK's quick method fails on some sound matrices
    of low rank; the slow one does not."""
    try:
        u, singular, vt = np.linalg.svd(matrix, full_matrices=False)
    except np.linalg.LinAlgError:
        u, singular, vt = scipy.linalg.svd(matrix, full_matrices=False, lapack_driver="gesvd")
    return u, singular, vt


def residuals(fit: Fit, x: Float32, y: Float32) -> Float32:
    """Distance (n,) of each row of y from where its x lands."""
    return np.asarray(np.linalg.norm(y - fit.image(x), axis=1), np.float32)


def aligned_cosine(fit: Fit, x: Float32, y: Float32) -> Float32:
    """Cosine (n,) of each row of y and the image of its x, both seen from the mean of y."""
    image, y = fit.image(x) - fit.mean_y, y - fit.mean_y
    size = np.linalg.norm(image, axis=1) * np.linalg.norm(y, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((image * y).sum(axis=1) / size, np.float32)


@dataclass(frozen=True)
class Energy:
    """Shares, summing to 1, of the squared distance between two versions of one dimension
    that translation, rotation and scale take away in turn, and what is left."""

    translation: float
    rotation: float
    scale: float
    residual: float


def energy(sums: Moments, fit: Fit) -> Energy:
    """How the squared distance ‖Y − X‖² splits, for a centred rotation `fit` of the same rows.

    nan for equal versions and for unlike dimensions.

    >>> x = np.array([[0, 0], [1, 0], [0, 2]], np.float32)
    >>> s = moments([(x, x + 1)])
    >>> round(energy(s, procrustes(s)).translation, 6)
    1.0
    """
    xx, yy, xy = sums.centred
    apart = (sums.y - sums.x) / sums.n if len(sums.x) == len(sums.y) else np.full(1, np.nan)
    translation = sums.n * float(apart @ apart)
    plain = xx + yy - 2 * float(np.trace(xy))
    total = translation + plain
    if not total > 1e-10 * (sums.xx + sums.yy):
        return Energy(*(math.nan,) * 4)
    gain = fit.scale * xx
    rotated, best = xx + yy - 2 * gain, max(0.0, yy - gain * fit.scale)
    parts = (translation, plain - rotated, rotated - best, best)
    return Energy(*(max(0.0, part) / total for part in parts))


def r2_of(residual: Float32, y: Float32, rng: np.random.Generator) -> Measure:
    """1 − Σ residual² / Σ ‖y − mean‖², interval by a bootstrap over the rows."""
    lost = residual.astype(np.float64) ** 2
    whole = ((y - y.mean(axis=0)) ** 2).sum(axis=1).astype(np.float64)
    if len(y) == 0 or whole.sum() <= 1e-10 * float((y.astype(np.float64) ** 2).sum()):
        return Measure(math.nan)
    draws = rng.integers(len(y), size=(200, len(y)))
    again = 1 - lost[draws].sum(axis=1) / whole[draws].sum(axis=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return Measure(float(1 - lost.sum() / whole.sum()), float(low), float(high))


def _sum(a: Moments, b: Moments) -> Moments:
    return Moments(a.n + b.n, a.x + b.x, a.y + b.y, a.xx + b.xx, a.yy + b.yy, a.xy + b.xy)
