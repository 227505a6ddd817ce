"""What is normal for the windows of a reference, and how unlikely another window is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.channels import History, Rates, families, fewest
from monitor.errors import FrameError
from monitor.normals import Float64, Normal, Residuals
from monitor.packed import packed, unpacked
from monitor.scores.totals import Totals
from monitor.tails import Excess, Tail
from monitor.traces import WHOLE, Observed, Stream, aligned, stream

MIN_WINDOWS = 20
MIN_WEEKS = 2
SEGMENTS_SHARE = 0.5
"""Share of the budget for segments, divided evenly among them."""
_KIND = "calibration/4"


@dataclass(frozen=True, order=True)
class Channel:
    """What is watched: a score family of a segment ("" is all rows), over `span` windows."""

    segment: str
    span: int
    family: str


@dataclass(frozen=True, eq=False)
class Level:
    """What is normal in one channel: of its vectors, and of their scores."""

    normal: Normal
    tail: Tail


@dataclass(frozen=True, eq=False)
class Seen:
    """A segment's history at one resolution, and what was expected of it; places: which of the
    windows asked for its windows are."""

    segment: str
    span: int
    history: History
    expected: Totals
    places: npt.NDArray[np.intp]

    def residuals(self, family: str) -> Residuals:
        """What a family makes of the difference."""
        return self.history.residuals(family, self.expected)


@dataclass(frozen=True, eq=False)
class Calibration:
    """levels: by channel; rates: by segment and season slot what one row adds to the sums; tests:
    how many independent tests the channels amount to; tail: of −log of their smallest weighted
    p-value; windows, weeks: what it was learnt from; mix: of the column whose values may come in
    any proportions, the share that each segment had."""

    levels: Mapping[Channel, Level]
    rates: Mapping[str, Rates]
    tests: float
    tail: Excess | None
    windows: int
    weeks: int
    mix: Mapping[str, float] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether there were windows and weeks enough for statistical alarms."""
        return self.windows >= MIN_WINDOWS and self.weeks >= MIN_WEEKS and bool(self.levels)

    @property
    def segments(self) -> list[str]:
        """The segments that are judged."""
        return sorted({channel.segment for channel in self.levels} - {WHOLE})

    @property
    def span(self) -> int:
        """How many window lengths of history a verdict takes into account."""
        return max((channel.span for channel in self.levels), default=1)

    def to_bytes(self) -> bytes:
        """The calibration for the store."""
        arrays: dict[str, Float64] = {}
        for i, level in enumerate(self.levels.values()):
            arrays |= {f"level{i}.{key}": value for key, value in level.normal.arrays().items()}
        for i, rates in enumerate(self.rates.values()):
            arrays |= {f"rate{i}.{f.name}": getattr(rates.sums, f.name) for f in fields(Totals)}
        header = {
            "kind": _KIND,
            "channels": [asdict(channel) for channel in self.levels],
            "tails": [asdict(level.tail) for level in self.levels.values()],
            "rates": [(name, rates.slots) for name, rates in self.rates.items()],
            "tests": self.tests,
            "tail": self.tail and asdict(self.tail),
            "windows": self.windows,
            "weeks": self.weeks,
            "mix": dict(self.mix),
        }
        return packed(arrays, header)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The calibration whose `to_bytes` this is; FrameError where it is not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} is no calibration this release can read")
        own: dict[str, dict[str, Float64]] = {}
        for key, value in arrays.items():
            place, name = key.split(".", 1)
            own.setdefault(place, {})[name] = value
        levels = {
            Channel(**channel): Level(Normal.from_arrays(own[f"level{i}"]), _tail(tail))
            for i, (channel, tail) in enumerate(
                zip(header["channels"], header["tails"], strict=True)
            )
        }
        rates = {
            name: Rates(tuple(slots), Totals(**own[f"rate{i}"]))
            for i, (name, slots) in enumerate(header["rates"])
        }
        tail = _excess(header["tail"])
        learnt = header["windows"], header["weeks"], header["mix"]
        return cls(levels, rates, header["tests"], tail, *learnt)

    def seen(self, basis: Basis, windows: Sequence[Observed], due: int = 1) -> Iterator[Seen]:
        """The last `due` of these windows, oldest first, as each segment and resolution sees those
        of them that it has enough of."""
        spans_of: dict[str, set[int]] = {}
        for channel in self.levels:
            spans_of.setdefault(channel.segment, set()).add(channel.span)
        for segment, own_spans in spans_of.items():
            holds = [segment in one.traces.sums for one in windows]
            places = np.flatnonzero(holds[len(holds) - due :])
            if not len(places):
                continue
            own = stream(windows, segment)
            beside = self._beside(windows) if segment == WHOLE else {}
            for span in sorted(own_spans):
                history = History(basis, own, span, fewest(segment), len(places), beside)
                if history.covered.any():
                    expected = history.expected(self.rates[segment], self.rates)
                    yield Seen(segment, span, history, expected, places)

    def _beside(self, windows: Sequence[Observed]) -> dict[str, Stream]:
        """The segments that may come in any proportions, as far as they occur in these windows."""
        held = {name for one in windows for name in one.traces.sums}
        return {name: aligned(windows, name) for name in self.mix if name in held}

    def judged(self, one: Seen) -> dict[Channel, tuple[Float64, Float64]]:
        """Scores and p-values of windows in every channel of their segment and resolution; `nan`
        for a window that is not covered."""
        found = {}
        for family in families(one.segment):
            level = self.levels.get(channel := Channel(one.segment, one.span, family))
            if level is not None:
                scores = level.normal.scores(one.residuals(family))
                scores[~one.history.covered] = math.nan
                found[channel] = scores, level.tail.p_values(scores)
        return found

    def p_values(self, basis: Basis, windows: Sequence[Observed], due: int) -> Float64:
        """The combined p-values (due,) of the last windows, the others being what they reach
        back to; `nan` for one that nothing could be read of."""
        found: dict[Channel, Float64] = {}
        for one in self.seen(basis, windows, due):
            for channel, (_, p) in self.judged(one).items():
                found[channel] = np.full(due, math.nan)
                found[channel][one.places] = p
        return self.combined(found) if found else np.full(due, math.nan)

    def combined(self, p_values: Mapping[Channel, Float64]) -> Float64:
        """One p-value for each window from its smallest weighted one: the larger of
        1 − (1 − p)^tests and of the tail of what the reference's own windows had; quality is
        judged by itself."""
        weights = budget_shares(list(self.levels))
        watched = [p / weights[c] for c, p in p_values.items() if c.family != "quality"]
        if not watched:
            return np.full_like(next(iter(p_values.values())), math.nan)
        return self.recalibrated(np.fmin.reduce(watched))

    def recalibrated(self, smallest: Float64) -> Float64:
        """The chance of so small a weighted p-value in a quiet window."""
        p = of_tests(smallest, self.tests)
        if self.tail is None:
            return p
        return np.maximum(p, self.tail.p_values(-np.log(np.maximum(smallest, 1e-300))))


def _tail(found: Mapping[str, Any]) -> Tail:
    return Tail(**{**found, "excess": _excess(found["excess"])})


def _excess(found: Mapping[str, float] | None) -> Excess | None:
    return None if found is None else Excess(**found)


def budget_shares(channels: Sequence[Channel]) -> dict[Channel, float]:
    """What each channel's p-values are divided by: 1 for the whole; what segments have of the
    budget is divided among them."""
    within = sum(channel.segment != WHOLE for channel in channels)
    ratio = SEGMENTS_SHARE / (1 - SEGMENTS_SHARE)
    light = min(1.0, ratio * (len(channels) - within) / max(within, 1))
    return {c: 1.0 if c.segment == WHOLE else light for c in channels}


def of_tests(smallest: Float64, tests: float | Float64) -> Float64:
    """The chance that the smallest p-value of so many independent tests is as small (Šidák)."""
    return np.asarray(-np.expm1(tests * np.log1p(-np.minimum(smallest, 1 - 1e-12))))
