"""From the windows of a reference to what is normal for them, and how unlikely a window is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.channels import History, Rates, families, fewest, sampling, spread
from monitor.errors import FrameError
from monitor.normals import Float64, Normal, Residuals, normal
from monitor.packed import packed, unpacked
from monitor.parallel import mapped
from monitor.scores.totals import Totals
from monitor.seasons import fold
from monitor.tails import Tail
from monitor.traces import WHOLE, Observed, Stream, spans, stream

MIN_WINDOWS = 20
MIN_WEEKS = 2
MIN_SPANS = 3
"""A resolution counts once the reference holds so many stretches of it."""
SEGMENTS_SHARE = 0.5
"""Share of the budget for segments, divided evenly among them."""
_KIND = "calibration/3"


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
    p-value; windows, weeks: what it was learnt from."""

    levels: Mapping[Channel, Level]
    rates: Mapping[str, Rates]
    tests: float
    tail: Tail | None
    windows: int
    weeks: int

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
            Channel(**channel): Level(Normal.from_arrays(own[f"level{i}"]), Tail(**tail))
            for i, (channel, tail) in enumerate(
                zip(header["channels"], header["tails"], strict=True)
            )
        }
        rates = {
            name: Rates(tuple(slots), Totals(**own[f"rate{i}"]))
            for i, (name, slots) in enumerate(header["rates"])
        }
        tail = Tail(**header["tail"]) if header["tail"] else None
        return cls(levels, rates, header["tests"], tail, header["windows"], header["weeks"])

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
            own_stream = stream(windows, segment)
            for span in sorted(own_spans):
                history = History(basis, own_stream, span, fewest(segment), len(places))
                if history.covered.any():
                    expected = history.expected(self.rates[segment])
                    yield Seen(segment, span, history, expected, places)

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
        weights = _weights(list(self.levels))
        watched = [p / weights[c] for c, p in p_values.items() if c.family != "quality"]
        if not watched:
            return np.full_like(next(iter(p_values.values())), math.nan)
        return self.recalibrated(np.fmin.reduce(watched))

    def recalibrated(self, smallest: Float64) -> Float64:
        """The chance of so small a weighted p-value in a quiet window."""
        p = _independent(smallest, self.tests)
        if self.tail is None:
            return p
        return np.maximum(p, self.tail.excesses(-np.log(np.maximum(smallest, 1e-300))))


def calibrated(basis: Basis, seen: Sequence[Observed]) -> Calibration:
    """The calibration of reference windows, oldest first (those without rows are passed over).

    Each week is scored by a fit on the other weeks, so that errors of estimation are in the
    calibration sample. Fewer than 20 windows or two weeks give one that is not `ready`.
    """
    held = [one for one in seen if one.n > 0]
    weeks = sorted({fold(one.window) for one in held})
    if len(held) < MIN_WINDOWS or len(weeks) < MIN_WEEKS:
        return Calibration({}, {}, 1.0, None, len(held), len(weeks))
    levels: dict[Channel, Level] = {}
    p_values: dict[Channel, Float64] = {}
    rates = {}
    places = {one.window: i for i, one in enumerate(held)}
    for segment in _segments(held):
        own = stream(held, segment)
        rows = np.array([places[window] for window in own.windows])
        learnt = _learnt(basis, own, segment)
        for channel, (level, scores) in learnt.items():
            levels[channel] = level
            p_values[channel] = np.full(len(held), math.nan)
            p_values[channel][rows] = _held_out(scores, own.weeks, channel.span)
        if learnt:
            everything = np.ones(len(own.windows), np.bool_)
            rates[segment] = History(basis, own, 1).rates(everything)
    tests, tail = _recalibration(p_values)
    return Calibration(levels, rates, tests, tail, len(held), len(weeks))


def _segments(held: Sequence[Observed]) -> list[str]:
    """The whole, and the segments that occur in enough windows."""
    counts: dict[str, int] = {}
    for one in held:
        for name in one.traces.sums:
            counts[name] = counts.get(name, 0) + 1
    return [name for name in sorted(counts) if counts[name] >= MIN_WINDOWS or name == WHOLE]


def _learnt(basis: Basis, own: Stream, segment: str) -> dict[Channel, tuple[Level, Float64]]:
    """Every channel of a segment, and the scores of its windows by fits without their weeks."""
    length = own.windows[0].end - own.windows[0].start
    covered_time = (own.windows[-1].end - own.windows[0].start) / length
    names = families(segment)
    spreads = dict(zip(names, mapped(lambda name: spread(basis, own, name), names), strict=True))
    every = {name: sampling(name, spreads[name]) for name in names}
    found = {}
    for span in spans(length):
        if covered_time / span < MIN_SPANS:
            break
        history = History(basis, own, span, fewest(segment))
        scores = _out_of_fold(history, spreads, every)
        expected = history.expected(history.rates(np.ones(len(own.windows), np.bool_)))
        for name in names:
            kept = ~np.isnan(scores[name])
            if kept.sum() < MIN_WINDOWS:
                continue
            residuals = history.residuals(name, expected).of(history.covered)
            level = Level(
                normal(residuals, every[name] / len(own.windows)),
                Tail.fitted(scores[name][kept], span),
            )
            found[Channel(segment, span, name)] = level, scores[name]
    return found


def _held_out(scores: Float64, weeks: npt.NDArray[np.str_], span: int) -> Float64:
    """P-values (m,) of scores, those of a week by the tail of the others: by a tail that was fitted
    to it the most extreme of hundreds of channels would never look extreme."""
    found = np.full(len(scores), math.nan)
    known = ~np.isnan(scores)
    for week in np.unique(weeks[known]):
        others = known & (weeks != week)
        if others.sum() >= MIN_WINDOWS / 4:
            own = known & (weeks == week)
            found[own] = Tail.fitted(scores[others], span).p_values(scores[own])
    return found


def _out_of_fold(
    history: History, spreads: Mapping[str, Float64], every: Mapping[str, Float64]
) -> dict[str, Float64]:
    """By family the scores (m,) of windows; `nan` where there is too little left to fit to."""
    scores = {name: np.full(len(history.stream.windows), math.nan) for name in spreads}
    weeks = [history.stream.weeks == week for week in np.unique(history.stream.weeks)]
    for scored, found in mapped(lambda own: _of_week(history, spreads, every, own), weeks):
        for name, values in found.items():
            scores[name][scored] = values
    return scores


def _of_week(
    history: History,
    spreads: Mapping[str, Float64],
    every: Mapping[str, Float64],
    week: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.bool_], dict[str, Float64]]:
    """Which windows of a week can be scored, and by family their scores by a fit to the windows
    that share none with them."""
    starts, ends, covered = history.stream.starts, history.stream.ends, history.covered
    scored = week & covered
    if not scored.any():
        return scored, {}
    begin, end = history.begins[scored].min(), ends[scored].max()
    singles = (ends <= begin) | (starts >= end)
    apart = covered & ((ends <= begin) | (history.begins >= end))
    if apart.sum() < MIN_WINDOWS / 4 or singles.sum() < MIN_WINDOWS / 4:
        return scored, {}
    expected = history.expected(history.rates(singles))
    found = {}
    for name, own in spreads.items():
        residuals = history.residuals(name, expected)
        within = (every[name] - sampling(name, own[~singles])) / singles.sum()
        found[name] = normal(residuals.of(apart), within).scores(residuals.of(scored))
    return scored, found


def _recalibration(p_values: Mapping[Channel, Float64]) -> tuple[float, Tail | None]:
    """How many independent tests give the smallest p-values their median, and the tail of their
    −log over the reference's windows (Westfall and Young 1993: their joint law stays as it is)."""
    weights = _weights(list(p_values))
    watched = [p / weights[c] for c, p in p_values.items() if c.family != "quality"]
    if not watched:
        return 1.0, None
    filled = np.where(np.isnan(watched), np.inf, watched)
    smallest = filled.min(axis=0)
    smallest = smallest[np.isfinite(smallest)]
    median = min(max(float(np.median(smallest)), 1e-6), 1 - 1e-6)
    most = sum(weights[c] for c in p_values if c.family != "quality")
    tests = float(np.clip(math.log(0.5) / math.log1p(-median), 1, max(most, 1)))
    tail = Tail.fitted(np.maximum(-np.log(np.maximum(smallest, 1e-300)), 1e-12))
    return tests, None if math.isnan(tail.u) else tail


def _weights(channels: Sequence[Channel]) -> dict[Channel, float]:
    """1 for the whole; what segments have of the budget is divided among them."""
    within = sum(channel.segment != WHOLE for channel in channels)
    ratio = SEGMENTS_SHARE / (1 - SEGMENTS_SHARE)
    light = min(1.0, ratio * (len(channels) - within) / max(within, 1))
    return {c: 1.0 if c.segment == WHOLE else light for c in channels}


def _independent(smallest: Float64, tests: float) -> Float64:
    return np.asarray(-np.expm1(tests * np.log1p(-np.minimum(smallest, 1 - 1e-12))))
