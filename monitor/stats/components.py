"""Sums and products of the principal coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import isqrt
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums

CROSSED = 16
"""Leading components whose products are kept per bucket where profiles are stored, so that
rotations can be tested; a single comparison affords all of them."""


@dataclass(frozen=True, eq=False)
class Components(Sums):
    """n (B,) int64; total (B, r), squares (B, leading), crossed (B, c(c+1)/2): float64 sums of
    y, of y² and of the products of the first c coordinates, per bucket;
    products (r(r+1)/2,) float64: upper triangle of the sum of yyᵀ."""

    n: npt.NDArray[np.int64]
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    crossed: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        y, shape = rows.coordinates, rows.shape
        leading, upper = y[:, : shape.leading], _upper(shape.crossed)
        n = np.zeros(shape.buckets, np.int64)
        squares = np.zeros((shape.buckets, shape.leading))
        crossed = np.zeros((shape.buckets, len(upper[0])))
        for bucket, found in rows.by_bucket():
            exact = leading[found].astype(np.float64)
            n[bucket] = len(exact)
            squares[bucket] = np.einsum("ij,ij->j", exact, exact)
            first = (exact if shape.crossed <= shape.leading else y[found])[:, : shape.crossed]
            crossed[bucket] = (first.T @ first)[upper]
        if shape.crossed == shape.r:
            products = crossed.sum(axis=0)
        else:
            products = (y.T @ y)[_upper(shape.r)].astype(np.float64)
        return cls(n, rows.bucket_sums(y, np.float64), squares, crossed, products)

    def first_crossed(self, most: int) -> npt.NDArray[np.float64]:
        """The products of the first `most` coordinates alone, per bucket."""
        kept = (isqrt(8 * self.crossed.shape[1] + 1) - 1) // 2
        return self.crossed if kept <= most else self.crossed[:, _upper(kept)[1] < most]

    @property
    def energy(self) -> float:
        """Sum of the squares of all coordinates."""
        rows, columns = _upper(self.total.shape[1])
        return float(self.products[rows == columns].sum())

    @cached_property
    def covariance(self) -> npt.NDArray[np.float64]:
        """Covariance (r, r) of the coordinates; `nan` below two rows."""
        n, r = int(self.n.sum()), self.total.shape[1]
        if n < 2:
            return np.full((r, r), np.nan)
        mean = self.total.sum(axis=0) / n
        full = np.zeros((r, r))
        full[_upper(r)] = self.products
        full = full + np.triu(full, 1).T
        return np.asarray((full - n * np.outer(mean, mean)) / (n - 1))

    @cached_property
    def root(self) -> npt.NDArray[np.float64]:
        """L (r, r) with LLᵀ the covariance: of Cholesky, a fifth of the time of eigenvectors; by
        these where the coordinates do not span r dimensions."""
        try:
            return np.asarray(np.linalg.cholesky(self.covariance))
        except np.linalg.LinAlgError:
            values, vectors = np.linalg.eigh(self.covariance)
            return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


@lru_cache(maxsize=8)
def _upper(r: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the upper triangle of an (r, r) matrix."""
    return np.triu_indices(r)
