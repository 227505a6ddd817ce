"""A measured number with its interval, its noise floor and its chance level."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

_RESAMPLES = 400
_Z = 1.959964  # two-sided 95 %


@dataclass(frozen=True)
class Measure:
    """`value` with its 95 % interval.

    floor: what the same measure reads for a harmless copy of the first version, see
    `Comparison.floor_method`; chance: what it reads for unrelated versions. `nan` where unknown.
    """

    value: float
    low: float = math.nan
    high: float = math.nan
    floor: float = math.nan
    chance: float = math.nan

    def to_dict(self) -> dict[str, float | None]:
        """The five numbers; None for what is not finite."""
        names = ("value", "low", "high", "floor", "chance")
        return {name: jsonable(getattr(self, name)) for name in names}

    def with_floor(self, floor: Measure | None) -> Measure:
        """This measure, with the value of `floor` as its noise floor."""
        return self if floor is None else replace(self, floor=floor.value)


def jsonable(number: float) -> float | None:
    """`number` for JSON, which has no nan.

    >>> jsonable(math.nan), jsonable(0.5)
    (None, 0.5)
    """
    return float(number) if math.isfinite(number) else None


def mean_of(
    values: npt.NDArray[Any], rng: np.random.Generator, chance: float = math.nan
) -> Measure:
    """Mean of finite `values` (m,), interval by a percentile bootstrap over the m rows.

    >>> mean_of(np.ones(5), np.random.default_rng(0))
    Measure(value=1.0, low=1.0, high=1.0, floor=nan, chance=nan)
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return Measure(math.nan, chance=chance)
    draws = rng.integers(len(values), size=(_RESAMPLES, min(len(values), 5000)))
    spread = math.sqrt(draws.shape[1] / len(values))
    centre = values.mean()
    means = centre + (values[draws].mean(axis=1) - centre) * spread
    low, high = np.quantile(means, [0.025, 0.975])
    return Measure(float(centre), float(low), float(high), chance=chance)


def share_of(hits: int, n: int, chance: float = math.nan) -> Measure:
    """hits / n with Wilson's interval (1927).

    >>> m = share_of(5, 10)
    >>> round(m.low, 3), round(m.high, 3)
    (0.237, 0.763)
    >>> share_of(0, 773).low
    0.0
    """
    if n == 0:
        return Measure(math.nan, chance=chance)
    p, z2 = hits / n, _Z * _Z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low = centre - half if hits else 0.0
    high = centre + half if hits < n else 1.0
    return Measure(p, max(0.0, low), min(1.0, high), chance=chance)


def quantile_of(values: npt.NDArray[Any], q: float, chance: float = math.nan) -> Measure:
    """The q-quantile of finite `values` (m,), interval from binomial order statistics.

    >>> m = quantile_of(np.arange(101), 0.5)
    >>> round(m.low), m.value, round(m.high)
    (40, 50.0, 60)
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    if len(values) == 0:
        return Measure(math.nan, chance=chance)
    half = _Z * math.sqrt(q * (1 - q) / len(values))
    at = np.clip([q, q - half, q + half], 0.0, 1.0)
    value, low, high = np.quantile(values, at)
    return Measure(float(value), float(low), float(high), chance=chance)
