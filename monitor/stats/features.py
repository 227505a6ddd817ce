"""Sums of random Fourier features: the mean embedding of the rows in three Gaussian kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums

UNIT = 2.0**-20
"""One step of the fixed-point sums; integers make the order of addition irrelevant."""


@dataclass(frozen=True, eq=False)
class Features(Sums):
    """total (B, 2D) int64 in units of 2**-20: per bucket, the sums of cos and sin of yΩ
    (Rahimi and Recht 2007)."""

    total: npt.NDArray[np.int64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        return cls(rows.features)
