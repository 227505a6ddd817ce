"""Two kinds of rows in one: where residuals split, and whether rows still know their neighbours."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.identity import Bools
from monitor.versions.neighbours import unit

FLOOR = 0.005
"""Residuals below this, relative to the spread of the items, are rounding, not a change."""

_GAP = math.log(1.5)
_LONE_GAP = math.log(3.0)
_STRAGGLERS = 0.02


@dataclass(frozen=True, eq=False)
class Split:
    """Residuals in a bulk of low ones and the rest.

    outside: (n,) flags of the rows above; bulk: median residual of the rows below.
    """

    outside: Bools
    bulk: float

    @property
    def kept(self) -> float:
        """Share of the rows below."""
        return 1.0 - float(self.outside.mean()) if len(self.outside) else math.nan


def split(residual: npt.NDArray[Any]) -> Split:
    """Residuals (n,), relative to the spread of the items, split at their widest gap.

    A gap counts if it spans a factor of 1.5 (3 for a side of one or two rows) and four times
    the spread of what lies below; 2 % of the smaller side may lie inside it. Without one,
    nothing is outside.

    >>> s = split(np.array([0.01] * 9 + [0.9, 0.8, 0.7]))
    >>> s.outside.nonzero()[0].tolist(), round(s.bulk, 3)
    ([9, 10, 11], 0.01)
    """
    residual = np.asarray(residual, np.float64)
    logs = np.log(np.maximum(residual, FLOOR))
    cut = _widest_gap(np.sort(logs))
    outside = logs > cut
    bulk = residual[~outside]
    return Split(np.asarray(outside), float(np.median(bulk)) if len(bulk) else math.nan)


def coherence(x: Float32, y: Float32, rng: np.random.Generator) -> tuple[float, float]:
    """Whether rows that left the frame still know each other: correlation and p.

    The correlation of the cosines between all rows of x (n, d) with those of y (n, e), and the
    share of 200 permutations of the rows that reach it (Mantel 1967). nan for fewer than 4.
    """
    n = len(x)
    if n < 4:
        return math.nan, math.nan
    k, m = _off_diagonal(x), _off_diagonal(y)
    size = math.sqrt(float(np.vdot(k, k)) * float(np.vdot(m, m)))
    if size == 0:
        return 0.0, 1.0
    value = float(np.vdot(k, m)) / size
    orders = [rng.permutation(n) for _ in range(200)]
    reached = sum(float(np.vdot(k, m[np.ix_(o, o)])) / size >= value for o in orders)
    return value, (reached + 1) / 201


def profile_correlation(before: Float32, after: Float32, own: Bools) -> Float64:
    """For each row, the correlation (n,) of its cosines to a panel (n, p) before and after.

    own: (n, p) flags of a row's cosine to itself, left out. Rows of another encoder keep much
    of their profile; random rows keep none, ± 1/√p.
    """
    x, y = _profile(before, own), _profile(after, own)
    size = np.linalg.norm(x, axis=1) * np.linalg.norm(y, axis=1)
    return np.asarray((x * y).sum(axis=1) / np.where(size > 0, size, 1.0), np.float64)


def _profile(cosines: Float32, own: Bools) -> Float64:
    """Cosines without one's own, each column and row with its mean removed."""
    seen = np.where(own, np.nan, cosines.astype(np.float64))
    seen -= np.nanmean(seen, axis=0)
    seen -= np.nanmean(seen, axis=1, keepdims=True)
    return np.asarray(np.nan_to_num(seen))


def _widest_gap(logs: Float64) -> float:
    """Where to cut sorted logs (n,); inf where no gap counts."""
    n = len(logs)
    if n < 2:
        return math.inf
    below = np.arange(1, n)
    small = np.minimum(below, n - below)
    stragglers = (_STRAGGLERS * small).astype(np.int64)
    gap = logs[np.minimum(below + stragglers, n - 1)] - logs[below - 1]
    gap = np.where(gap > np.where(small < 3, _LONE_GAP, _GAP), gap, 0.0)
    best = int(np.argmax(gap))
    low = logs[: best + 1]
    spread = 1.4826 * float(np.median(np.abs(low - np.median(low))))
    if gap[best] == 0 or gap[best] < 4 * spread:
        return math.inf
    # The bulk is tight and the rest may be anything: cut close above the bulk.
    return float(low[-1] + min(gap[best] / 2, _GAP / 2))


def _off_diagonal(rows: Float32) -> Float64:
    """Cosines between rows without the diagonal, each row and column with its mean removed."""
    rows = unit(rows)
    cosine = (rows @ rows.T).astype(np.float64)
    n = len(cosine)
    np.fill_diagonal(cosine, 0)
    mean = cosine.sum(axis=0) / (n - 2)
    cosine -= mean + mean[:, None] - cosine.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(cosine, 0)
    return cosine
