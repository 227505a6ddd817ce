"""Sums and products of the principal coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums

CROSSED = 16
"""Leading components whose products are kept per bucket, so that rotations can be tested."""


@dataclass(frozen=True, eq=False)
class Components(Sums):
    """n (B,) int64; total (B, r), squares (B, leading), crossed (B, c(c+1)/2): float64 sums of
    y, of y² and of the products of the first c = min(r, 16) coordinates, per bucket;
    products (r(r+1)/2,) float64: upper triangle of the sum of yyᵀ."""

    n: npt.NDArray[np.int64]
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    crossed: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        y, shape = rows.coordinates, rows.shape
        leading = y[:, : shape.leading]
        upper = np.triu_indices(min(shape.r, CROSSED))
        crossed = y[:, upper[0]] * y[:, upper[1]]
        return cls(
            rows.bucket_sums(np.ones(rows.n, np.int64), np.int64),
            rows.bucket_sums(y, np.float64),
            rows.bucket_sums(leading * leading, np.float64),
            rows.bucket_sums(crossed, np.float64),
            (y.T @ y)[np.triu_indices(shape.r)].astype(np.float64),
        )

    def covariance(self) -> npt.NDArray[np.float64]:
        """Covariance (r, r) of the coordinates; `nan` below two rows."""
        n, r = int(self.n.sum()), self.total.shape[1]
        if n < 2:
            return np.full((r, r), np.nan)
        mean = self.total.sum(axis=0) / n
        full = np.zeros((r, r))
        full[np.triu_indices(r)] = self.products
        full = full + np.triu(full, 1).T
        return np.asarray((full - n * np.outer(mean, mean)) / (n - 1))
