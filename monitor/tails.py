"""How likely a score is under quiet traffic, from the scores of quiet windows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

MANY = 200
"""Scores from which on the shape of a tail is fitted, too."""
QUANTILE = 0.9

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Excess:
    """A generalised-Pareto tail: p(x) = share · (1 + shape · (x − start) / scale)^(−1 / shape).

    share: of the scores past `start`; shape: ≥ 0, at 0 the tail is exponential; scale: of what
    they have past it.
    """

    start: float
    share: float
    shape: float
    scale: float

    @classmethod
    def fitted(cls, scores: Float64) -> Self | None:
        """The tail of many scores (n,) past their 90 % point; None where none is past it, as in a
        family that hardly ever moves."""
        start = float(np.quantile(scores, QUANTILE))
        past = scores[scores > start] - start
        return cls(start, 1 - QUANTILE, *_pareto(past)) if len(past) else None

    @classmethod
    def exponential(cls, scores: Float64) -> Self | None:
        """The tail of few scores (n,) past their median, taken as exponential of unknown scale:
        the predictive distribution of one more, (1 + x / Σ)^−k of k excesses with the sum Σ, is a
        generalised Pareto of shape 1 / k. None where all are equal.

        >>> Excess.exponential(np.array([0.0, 0.0, 1.0, 2.0]))
        Excess(start=0.5, share=0.5, shape=0.5, scale=1.0)
        """
        start = float(np.median(scores))
        past = scores[scores > start] - start
        return cls(start, 0.5, 1 / len(past), float(past.mean())) if len(past) else None

    def p_values(self, scores: Float64) -> Float64:
        """Chances of scores (m,) in a quiet window, 0 of those that the tail does not reach."""
        past = np.where(scores > self.start, (scores - self.start) / self.scale, math.inf)
        if self.shape < 1e-9:
            return np.asarray(self.share * np.exp(-past))
        return np.asarray(self.share * (1 + self.shape * past) ** (-1 / self.shape))


@dataclass(frozen=True)
class Tail:
    """p(x) is the larger of a log-t tail and, with enough scores, a generalised-Pareto tail.

    location, deviation: of the log scores; n: how many; excess: the generalised-Pareto tail.
    """

    location: float
    deviation: float
    n: int
    excess: Excess | None = None

    @classmethod
    def fitted(cls, scores: Float64, span: int = 1) -> Self:
        """The tail of positive scores (n,), at least three, of stretches of `span` windows that
        overlap and so count as n / span."""
        logs = np.log(np.maximum(scores, 1e-12))
        location, deviation = float(logs.mean()), float(max(logs.std(ddof=1), 1e-6))
        n = max(2, len(scores) // span)
        excess = Excess.fitted(scores) if n >= MANY else None
        return cls(location, deviation, n, excess)

    def p_value(self, x: float) -> float:
        """Chance of a score of at least x in a quiet window.

        >>> tail = Tail(location=0.0, deviation=1.0, n=60)
        >>> round(tail.p_value(1.0), 2)
        0.5
        """
        return float(self.p_values(np.array([x]))[0])

    def p_values(self, scores: Float64) -> Float64:
        """As `p_value`, of many scores (m,); `nan` of those that are."""
        found = self._log_t(scores)
        return found if self.excess is None else np.maximum(found, self.excess.p_values(scores))

    def _log_t(self, scores: Float64) -> Float64:
        """Student's t predictive tail of one more log score."""
        from scipy.special import stdtr

        spread = self.deviation * math.sqrt(1 + 1 / self.n)
        logs = np.log(np.maximum(scores, 1e-12))
        return np.asarray(stdtr(self.n - 1, -(logs - self.location) / spread))


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
