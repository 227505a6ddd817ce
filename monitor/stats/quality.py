"""Rows counted by what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums


@dataclass(frozen=True, eq=False)
class Quality(Sums):
    """counts (B, 6) int64 per bucket in the order of `COUNTERS`.

    `rows` counts every row; the others count rows that are set aside, each row once: a null
    vector, a vector of another dimension, NaN in it, Inf or more than 1e15 in it, or all zero.
    """

    COUNTERS: ClassVar[tuple[str, ...]] = ("rows", "null", "wrong_dim", "nan", "inf", "zero")

    counts: npt.NDArray[np.int64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        return cls(rows.counts)

    def to_dict(self) -> dict[str, Any]:
        """Each counter's total, by name."""
        return dict(zip(self.COUNTERS, self.counts.sum(axis=0).tolist(), strict=True))
