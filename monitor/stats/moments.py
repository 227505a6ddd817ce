"""First and second moments of every dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums


@dataclass(frozen=True, eq=False)
class Moments(Sums):
    """Sums over rows of x − x0 and of its square, each (d,) float64.

    Subtracting x0 before summing keeps the digits that raw float32 sums lose (Schubert and
    Gertz, SSDBM 2018).
    """

    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        return cls(rows.total, rows.squares)
