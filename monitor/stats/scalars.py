"""Numbers that sum up one row, such as its norm, and their moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums

NAMES = ("log_norm", "log_residual", "log_distance", "margin", "cosine", "log_peak")
"""Log norm; log share of energy outside the principal subspace; log distance to the nearest
centre; how much farther the second centre is, relative; cosine to the reference mean; log of
the largest magnitude in the row."""


@dataclass(frozen=True, eq=False)
class Scalars(Sums):
    """total and squares (B, S) float64 of the standardised scalars, per bucket."""

    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        values = rows.scalars.astype(np.float64)
        return cls(
            rows.bucket_sums(values, np.float64), rows.bucket_sums(values * values, np.float64)
        )
