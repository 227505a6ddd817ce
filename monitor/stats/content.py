"""Which rows they are, as a sum that no order changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums
from monitor.stats.hashing import mixed


@dataclass(frozen=True, eq=False)
class Content(Sums):
    """sums (2,) uint64, modulo 2**64: of the rows' identities, and of these mixed once more."""

    sums: npt.NDArray[np.uint64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        once, twice = rows.identities, mixed(rows.identities)
        return cls(np.array([once.sum(), twice.sum()], np.uint64))
