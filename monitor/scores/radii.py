"""How far the rows of each cluster lie from its centre, and whether that is more than usual."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from monitor.profiles import Profile
from monitor.scores.totals import Float64

FEWEST_ROWS, FEWEST_BUCKETS = 20, 5
"""Of fewer rows, or of rows of fewer buckets of entities, the mean of a cluster says nothing."""


@dataclass(frozen=True, eq=False)
class Radii:
    """mean (K,): of the distances of a cluster's rows from its centre, `nan` of too few rows;
    between (K,): variance of that mean among sets of rows as they usually come, sampling apart."""

    mean: Float64
    between: Float64

    @classmethod
    def of(cls, reference: Profile, first: int = 0) -> Self:
        """Of one set of rows, whose own sampling is all that is known to vary; `first` as below."""
        return cls(*_means(reference, first))

    @classmethod
    def among(cls, windows: Sequence[Float64]) -> Self:
        """Of quiet windows, by the `sums` (3, K) of each: the moments' estimate of the variance
        between groups (analysis of variance, one way)."""
        n, distance, squares = np.moveaxis(np.asarray(windows), 1, 0)
        rows, held = n.sum(axis=0), (n > 0).sum(axis=0)
        mean, explained = _over(distance.sum(axis=0), rows), _over(distance**2, n).sum(axis=0)
        within = np.maximum(_over(squares.sum(axis=0) - explained, rows - held), 0)
        apart = _over(explained - distance.sum(axis=0) * mean, held - 1)
        size = _over(rows - _over((n**2).sum(axis=0), rows), held - 1)
        between = np.maximum(_over(apart - within, size), 0)
        return cls(np.where(rows >= FEWEST_ROWS, mean, np.nan), between)

    def change(self, current: Profile, first: int = 0) -> tuple[Float64, Float64]:
        """Mean distances of the current rows over these (K,), and that change in deviations (K,);
        1 and 0 of a cluster that one side has too few rows of."""
        mean, variance = _means(current, first)
        known = np.isfinite(mean) & np.isfinite(self.mean) & (self.mean > 0)
        ratio = np.divide(mean, self.mean, out=np.ones_like(mean), where=known)
        spread = np.sqrt(np.maximum(self.between + variance, 1e-300))
        z = np.divide(mean - self.mean, spread, out=np.zeros_like(mean), where=known)
        return ratio, z


def sums(window: Profile, first: int = 0) -> Float64:
    """Rows, distances and squared distances of each cluster (3, K), for `Radii.among`, of buckets
    from `first` on: rows that the basis was fitted on lie closer to its centres than others."""
    own = window.clusters
    n, distance = (of[first:].sum(axis=0) for of in (own.counts, own.distance))
    # Squares are kept of all buckets together.
    return np.stack([n, distance, own.squares * _over(n, own.counts.sum(axis=0))]).astype(float)


def _means(profile: Profile, first: int) -> tuple[Float64, Float64]:
    """Each cluster's mean distance (K,) and its sampling variance: the jackknife's over buckets, at
    least that of independent rows."""
    rows, distance, squares = sums(profile, first)
    own = profile.clusters.counts[first:]
    held, mean = (own > 0).sum(axis=0), _over(distance, rows)
    others = _over(distance - profile.clusters.distance[first:], rows - own)
    away = np.where((own > 0) & (rows > own), others - mean, 0)
    jackknife = _over(held - 1, held) * np.square(away).sum(axis=0)
    sampling = np.maximum(_over(squares, rows) - mean**2, 0)
    enough = (rows >= FEWEST_ROWS) & (held >= FEWEST_BUCKETS)
    return np.where(enough, mean, np.nan), np.maximum(jackknife, _over(sampling, rows))


def _over(total: Float64, count: Float64) -> Float64:
    """Quotients, 0 where there is nothing to divide by."""
    return np.asarray(total / np.where(count > 0, count, np.inf))
