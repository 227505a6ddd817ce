"""How likely a score is under quiet traffic, from the scores of quiet windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

GPD_FROM = 200
"""Scores from which on a generalised-Pareto tail is fitted too."""
QUANTILE = 0.9

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Tail:
    """p(x) is the larger of a log-t tail and, with enough scores, a generalised-Pareto tail.

    location, deviation: of the log scores; n: how many; u, shape, scale: the generalised-Pareto
    tail above the 90 % point u (shape ≥ 0), `nan` where there is none.
    """

    location: float
    deviation: float
    n: int
    u: float = math.nan
    shape: float = math.nan
    scale: float = math.nan

    @classmethod
    def fitted(cls, scores: Float64, span: int = 1) -> Self:
        """The tail of positive scores (n,), at least three, of stretches of `span` windows that
        overlap and so count as n / span."""
        logs = np.log(np.maximum(scores, 1e-12))
        location, deviation = float(logs.mean()), float(max(logs.std(ddof=1), 1e-6))
        n = max(2, len(scores) // span)
        if n < GPD_FROM:
            return cls(location, deviation, n)
        u = float(np.quantile(scores, QUANTILE))
        if not (scores > u).any():  # A family that hardly ever moves.
            return cls(location, deviation, n)
        shape, scale = _pareto(scores[scores > u] - u)
        return cls(location, deviation, n, u, shape, scale)

    def p_value(self, x: float) -> float:
        """Chance of a score of at least x in a quiet window.

        >>> tail = Tail(location=0.0, deviation=1.0, n=60)
        >>> round(tail.p_value(1.0), 2)
        0.5
        """
        return float(self.p_values(np.array([x]))[0])

    def p_values(self, scores: Float64) -> Float64:
        """As `p_value`, of many scores (m,); `nan` of those that are."""
        return np.maximum(self._log_t(scores), self.alone(scores))

    def _log_t(self, scores: Float64) -> Float64:
        """Student's t predictive tail of one more log score."""
        from scipy.special import stdtr

        spread = self.deviation * math.sqrt(1 + 1 / self.n)
        logs = np.log(np.maximum(scores, 1e-12))
        return np.asarray(stdtr(self.n - 1, -(logs - self.location) / spread))

    def alone(self, scores: Float64) -> Float64:
        """The generalised-Pareto tail alone (m,), 0 below its beginning; the log-t tail where there
        is none."""
        if math.isnan(self.u):
            return self._log_t(scores)
        beyond = np.where(scores > self.u, (scores - self.u) / self.scale, math.inf)
        if self.shape < 1e-9:
            return np.asarray((1 - QUANTILE) * np.exp(-beyond))
        return np.asarray((1 - QUANTILE) * (1 + self.shape * beyond) ** (-1 / self.shape))


def _pareto(excesses: Float64) -> tuple[float, float]:
    """Shape ≥ 0 and scale by probability-weighted moments (Hosking and Wallis 1987)."""
    ordered = np.sort(excesses)
    n = len(ordered)
    weights = 1 - (np.arange(1, n + 1) - 0.35) / n
    a0, a1 = float(ordered.mean()), float((weights * ordered).mean())
    shape = 2 - a0 / (a0 - 2 * a1)
    if shape <= 0:
        return 0.0, a0
    return shape, 2 * a0 * a1 / (a0 - 2 * a1)
