"""How many different rows and entities there were, within about 1.6 %."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Arrays, Rows, Statistic

PRECISION = 12
RELATIVE_ERROR = 1.04 / 2 ** (PRECISION / 2)
"""Standard error of an estimate over the number estimated (Flajolet and others 2007)."""
_REST = 64 - PRECISION
_ALPHA = 1 / (2 * math.log(2))

Registers = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Distinct(Statistic):
    """HyperLogLog registers (4096,) uint8 of row contents and of entity keys."""

    rows: Registers
    entities: Registers

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        return cls(registers(rows.hashes), registers(rows.entities))

    def __add__(self, other: Self) -> Self:
        return type(self)(
            np.maximum(self.rows, other.rows), np.maximum(self.entities, other.entities)
        )

    def arrays(self) -> Arrays:
        return {"rows": self.rows, "entities": self.entities}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(arrays["rows"], arrays["entities"])


def registers(hashes: npt.NDArray[np.uint64]) -> Registers:
    """HyperLogLog registers of uniformly mixed 64-bit hashes (Flajolet and others 2007)."""
    index = (hashes >> np.uint64(_REST)).astype(np.intp)
    rest = hashes & np.uint64((1 << _REST) - 1)
    # 52 bits are exact in float64, so frexp's exponent is the position of the leading one.
    rank = _REST + 1 - np.frexp(rest.astype(np.float64))[1]
    found = np.zeros(1 << PRECISION, np.uint8)
    np.maximum.at(found, index, rank.astype(np.uint8))
    return found


def cardinality(found: Registers) -> float:
    """Estimated number of distinct hashes behind the registers (Ertl 2017, algorithm 6).

    >>> cardinality(np.zeros(4096, np.uint8))
    0.0
    """
    m = found.size
    counts = np.bincount(found, minlength=_REST + 2)
    z = m * _tau(1 - counts[_REST + 1] / m)
    for k in range(_REST, 0, -1):
        z = 0.5 * (z + counts[k])
    z += m * _sigma(counts[0] / m)
    return float(_ALPHA * m * m / z) if math.isfinite(z) else 0.0


def _sigma(x: float) -> float:
    if x == 1.0:
        return math.inf
    total, term, power = x, x, 1.0
    while True:
        term = term * term
        before = total
        total += term * power
        power *= 2
        if total == before:
            return total


def _tau(x: float) -> float:
    if x in (0.0, 1.0):
        return 0.0
    total, power = 1 - x, 1.0
    while True:
        x = math.sqrt(x)
        before = total
        power *= 0.5
        total -= (1 - x) ** 2 * power
        if total == before:
            return total / 3
