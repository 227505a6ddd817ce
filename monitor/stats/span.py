"""The first and the last time seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from monitor.stats.base import Arrays, Rows, Statistic

_NONE = (np.iinfo(np.int64).max, np.iinfo(np.int64).min)


@dataclass(frozen=True)
class Span(Statistic):
    """first and last time in microseconds since 1970 UTC; (max, min) of int64 before any row."""

    first_us: int = _NONE[0]
    last_us: int = _NONE[1]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        if rows.first_us is None or rows.last_us is None:
            return cls()
        return cls(rows.first_us, rows.last_us)

    def __add__(self, other: Self) -> Self:
        return type(self)(min(self.first_us, other.first_us), max(self.last_us, other.last_us))

    def arrays(self) -> Arrays:
        return {"us": np.array([self.first_us, self.last_us], np.int64)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        first_us, last_us = arrays["us"].tolist()
        return cls(first_us, last_us)
