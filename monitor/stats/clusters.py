"""How many rows each cluster of the codebook holds, and how tightly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums


@dataclass(frozen=True, eq=False)
class Clusters(Sums):
    """counts (B, K) int64 and distance (B, K) float64: rows, and the sum of their distances to
    the centre, per bucket and cluster; squares (K,) float64: sum of squared distances."""

    counts: npt.NDArray[np.int64]
    distance: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        k, b = rows.shape.clusters, rows.shape.buckets
        sizes = np.diff(np.append(rows.starts, rows.n))
        cell = np.repeat(rows.present * k, sizes) + rows.cluster
        distance = rows.distance.astype(np.float64)
        return cls(
            np.bincount(cell, minlength=b * k).astype(np.int64).reshape(b, k),
            np.bincount(cell, distance, b * k).astype(np.float64).reshape(b, k),
            np.bincount(rows.cluster, distance * distance, k).astype(np.float64),
        )
