"""What one window reads in every channel: how unlikely, how large, where. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from monitor.basis import Basis
from monitor.calibration import Calibration, Channel, of_tests
from monitor.scores.effect import Effect
from monitor.scores.gauge import gauge
from monitor.scores.where import discoveries
from monitor.traces import WHOLE, Observed


@dataclass(frozen=True)
class Reading:
    """A segment ("" is all rows) over the last `span` windows. p_value: the smallest of its
    families, taken as so many tests; size: against what the season lets expect; rows: judged."""

    segment: str
    span: int
    rows: float
    p_value: float
    size: Effect


@dataclass(frozen=True, eq=False)
class Readings:
    """scores, p_values: by channel; p_value: all of them combined; every: one for each segment and
    resolution that could be scored."""

    scores: Mapping[Channel, float]
    p_values: Mapping[Channel, float]
    p_value: float
    every: Sequence[Reading]

    @property
    def strongest(self) -> Reading:
        """The most unlikely reading of all."""
        return min(self.every, key=_unlikely)

    def of(self, segment: str) -> Reading:
        """The most unlikely reading of a segment."""
        return min((one for one in self.every if one.segment == segment), key=_unlikely)

    @property
    def segments(self) -> list[Reading]:
        """The most unlikely reading of every segment, the most unlikely first."""
        names = {one.segment for one in self.every} - {WHOLE}
        return sorted((self.of(name) for name in names), key=_unlikely)

    def discovered(self) -> set[str]:
        """The segments that changed, at 10 % false discoveries (Benjamini and Hochberg 1995);
        the smallest p-value of a segment's resolutions is taken as that of so many tests."""
        found = self.segments
        looks = Counter(one.segment for one in self.every)
        p_values = np.array([one.p_value for one in found])
        kept = discoveries(of_tests(p_values, np.array([looks[one.segment] for one in found])))
        return {
            one.segment for one, keep in zip(found, kept, strict=True) if keep and one.size.passes()
        }


def readings(basis: Basis, calibration: Calibration, seen: Sequence[Observed]) -> Readings:
    """What the last of these windows reads; the others are what it reaches back to."""
    scores: dict[Channel, float] = {}
    p_values: dict[Channel, float] = {}
    every = []
    for one in calibration.seen(basis, seen):
        found = calibration.judged(one)
        scores |= {channel: float(score[0]) for channel, (score, _) in found.items()}
        p_values |= {channel: float(p[0]) for channel, (_, p) in found.items()}
        telling = [float(p[0]) for channel, (_, p) in found.items() if channel.family != "quality"]
        if telling:
            sums = one.history.sums
            p = float(of_tests(np.array(min(telling)), len(telling)))
            size = gauge(basis, one.expected, sums)
            every.append(Reading(one.segment, one.span, float(sums.n[0]), p, size))
    one_each = {channel: np.array(p) for channel, p in p_values.items()}
    p = float(calibration.combined(one_each)) if one_each else math.nan
    return Readings(scores, p_values, p, every)


def stretch(span: int, length: timedelta) -> str:
    """`span` windows in words.

    >>> stretch(24, timedelta(hours=1)), stretch(1, timedelta(days=1))
    ('24 windows (24 h)', 'this window')
    """
    if span == 1:
        return "this window"
    hours = span * length.total_seconds() / 3600
    return (
        f"{span} windows ({hours / 24:.0f} d)" if hours >= 48 else f"{span} windows ({hours:.0f} h)"
    )


def _unlikely(one: Reading) -> float:
    return one.p_value
