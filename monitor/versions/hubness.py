"""Hubs: items that stand among the neighbours of very many others."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64, Int64
from monitor.versions.measure import Measure, share_of

_RESAMPLES = 100


def occurrences(neighbours: Int64, n: int) -> Int64:
    """How often each of n items stands among neighbours (m, k); −1 is nobody.

    >>> occurrences(np.array([[1, 2], [1, -1]]), 3).tolist()
    [0, 2, 1]
    """
    found = neighbours[neighbours >= 0]
    return np.asarray(np.bincount(found, minlength=n), np.int64)


def hub_skew(neighbours: Int64, n: int, rng: np.random.Generator) -> Measure:
    """Skewness of the k-occurrence (Radovanović et al. 2010), interval by a bootstrap over items.

    neighbours: (m, k) of m queries among n items. About 1 to 2 in sound text embeddings; nan
    where all items occur alike.
    """
    if n < 2:
        return Measure(math.nan)
    counts = occurrences(neighbours, n).astype(np.float64)
    value = _skew(counts)
    draws = rng.integers(n, size=(_RESAMPLES, n)) if n <= 20_000 else ()
    again = [_skew(counts[draw]) for draw in draws]
    low, high = np.nanquantile(again, [0.025, 0.975]) if np.isfinite(again).any() else (np.nan,) * 2
    return Measure(value, float(low), float(high))


def antihubs(neighbours: Int64, n: int) -> Measure:
    """Share of n items that stand among nobody's neighbours (m, k): no search finds them.

    Of a sample of queries it is an upper bound, and comparable between two versions only. chance:
    what even exposure would give, as the queries are few.

    >>> antihubs(np.array([[1], [1]]), 3).value
    0.6666666666666666
    """
    if n == 0:
        return Measure(math.nan)
    even = (1 - 1 / n) ** int((neighbours >= 0).sum())
    found = share_of(int((occurrences(neighbours, n) == 0).sum()), n)
    return replace(found, chance=even)


def hubs_kept(a: Int64, b: Int64, n: int) -> Measure:
    """Share of the first version's hubs, the hundredth of items that occur most, that the
    second has too; nan for fewer than 100 items.

    >>> near = np.repeat([[0, 1]], 200, axis=0)
    >>> hubs_kept(near, near, 200).value
    1.0
    """
    most = n // 100
    if most == 0:
        return Measure(math.nan)
    before, after = (
        set(np.argsort(-occurrences(near, n), kind="stable")[:most].tolist()) for near in (a, b)
    )
    return share_of(len(before & after), most, chance=most / n)


def _skew(counts: npt.NDArray[np.float64]) -> float:
    off: Float64 = counts - counts.mean()
    spread = float((off**2).mean())
    return float((off**3).mean()) / spread**1.5 if spread > 0 else float("nan")
