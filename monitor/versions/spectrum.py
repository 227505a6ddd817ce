"""How many directions a version uses: from the eigenvalues of its second moments."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from monitor.batch import Float32, Float64
from monitor.versions.measure import Measure


@dataclass(frozen=True)
class Spectrum:
    """Sizes of a spectrum; d is their greatest possible value but for `top1_share` in [0, 1].

    rankme: exp of the entropy of the singular values (Garrido et al. 2023), uncentred;
    participation: (Σλ)² / Σλ² of the eigenvalues of the covariance; top1_share: greatest
    eigenvalue of the second moments over their sum; rank95: directions that hold 95 % of the
    variance. eigenvalues: (d,) of the covariance, greatest first.
    """

    rankme: Measure
    participation: Measure
    top1_share: Measure
    rank95: Measure
    eigenvalues: Float64


def spectrum(rows: Float32) -> Spectrum:
    """The spectrum of rows (n, d), finite; intervals by the infinitesimal jackknife.

    Identical rows give participation nan; n < 2 gives nan throughout.

    >>> s = spectrum(np.eye(4, dtype=np.float32))
    >>> round(s.rankme.value, 6), round(s.top1_share.value, 6)
    (4.0, 0.25)
    """
    if len(rows) < 2 or not rows.any():
        nan = Measure(math.nan)
        return Spectrum(nan, nan, nan, nan, np.zeros(rows.shape[1]))
    # The scale drops out of every size; unit scale keeps great values within float64.
    rows = rows / np.float32(np.abs(rows).max())
    raw, axes = _eigen(rows)
    mean = rows.mean(axis=0)
    centred, centred_axes = _eigen(rows - mean)
    power = (rows @ axes.astype(np.float32)).astype(np.float64) ** 2
    spread = ((rows - mean) @ centred_axes.astype(np.float32)).astype(np.float64) ** 2
    return Spectrum(
        rankme=_sized(rankme(raw), _rankme_slope(raw), power - raw),
        participation=_sized(
            participation(centred), _participation_slope(centred), spread - centred
        ),
        top1_share=_sized(raw[0] / raw.sum(), _top1_slope(raw), power - raw),
        rank95=Measure(float(rank_holding(centred, 0.95))),
        eigenvalues=centred,
    )


def axes_of(rows: Float32, most: int) -> tuple[Float32, Float32, Float64]:
    """Mean (d,), leading axes (r, d), r at most `most`, and their variances (r,), of rows (n, d).

    >>> axes_of(np.array([[0, 0], [2, 0]], np.float32), 1)[2].tolist()
    [1.0]
    """
    mean = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    values, axes = _eigen(rows - mean)
    return mean, np.ascontiguousarray(axes[:, :most].T, np.float32), values[:most]


def rankme(eigenvalues: Float64) -> float:
    """exp of the entropy of singular values, from eigenvalues (d,) of the second moments.

    >>> round(rankme(np.array([1.0, 1.0, 0.0])), 6)
    2.0
    """
    p = np.sqrt(np.clip(eigenvalues, 0, None))
    p = p[p > 0] / p.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


def participation(eigenvalues: Float64) -> float:
    """(Σλ)² / Σλ², nan for no variance.

    >>> participation(np.array([2.0, 2.0, 0.0]))
    2.0
    """
    square = float((eigenvalues**2).sum())
    return float(eigenvalues.sum()) ** 2 / square if square > 0 else math.nan


def rank_holding(eigenvalues: Float64, share: float) -> int:
    """Fewest leading eigenvalues whose sum is at least `share` of all; 0 for no variance.

    >>> rank_holding(np.array([90.0, 6.0, 4.0]), 0.95)
    2
    """
    total = eigenvalues.sum()
    if total <= 0:
        return 0
    return int(np.searchsorted(np.cumsum(eigenvalues) / total, share - 1e-12)) + 1


def _eigen(rows: Float32) -> tuple[Float64, Float64]:
    """Eigenvalues (d,), greatest first, and axes (d, d) of the second moments of rows."""
    exact = rows.astype(np.float64)
    values, axes = np.linalg.eigh(exact.T @ exact / len(rows))
    # Float sums leave noise of this size where there is no variance at all.
    values[values < values[-1] * 1e-12] = 0.0
    return values[::-1], axes[:, ::-1]


def _sized(value: float, slope: Float64, influence: Float64) -> Measure:
    """A size with its interval: the slope in each eigenvalue times each row's influence on it."""
    scores = influence @ slope
    half = 1.96 * float(scores.std()) / math.sqrt(len(scores))
    return Measure(float(value), float(value) - half, float(value) + half)


def _rankme_slope(values: Float64) -> Float64:
    roots = np.sqrt(np.clip(values, 0, None))
    p = roots / roots.sum()
    some = p > 1e-6
    logs = np.log(np.where(some, p, 1.0))
    entropy = -(p * logs).sum()
    slope = np.exp(entropy) * -(logs + entropy) / roots.sum() / (2 * np.where(some, roots, 1.0))
    return np.asarray(np.where(some, slope, 0.0))


def _participation_slope(values: Float64) -> Float64:
    total, square = values.sum(), (values**2).sum()
    if square <= 0:
        return np.zeros_like(values)
    return np.asarray(2 * total / square - 2 * total**2 / square**2 * values)


def _top1_slope(values: Float64) -> Float64:
    slope = np.full(len(values), -values[0] / values.sum() ** 2)
    slope[0] += 1 / values.sum()
    return slope
