"""From the windows of a reference to what is normal for them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.calibration import (
    MIN_WEEKS,
    MIN_WINDOWS,
    Calibration,
    Channel,
    Level,
    budget_shares,
)
from monitor.channels import History, Rates, families, fewest, sampling, spread
from monitor.model import Window
from monitor.normals import Float64, normal
from monitor.parallel import mapped
from monitor.scores.totals import Totals
from monitor.seasons import weeks_held
from monitor.tails import MANY, Excess, Tail
from monitor.traces import WHOLE, Observed, Stream, aligned, spans, stream

_Learnt = tuple[Sequence[Window], Rates, dict[Channel, tuple[Level, Float64]]]

MIN_SPANS = 3
"""A resolution counts once the reference holds so many stretches of it."""
MIN_ROWS_BESIDE = 500
"""Of a segment with fewer rows the reference does not tell what many of them would be like."""


def calibrated(basis: Basis, seen: Sequence[Observed], mix: str | None = None) -> Calibration:
    """The calibration of reference windows, oldest first (those without rows are passed over).

    Each week is scored by a fit on the other weeks, so that errors of estimation are in the
    calibration sample. Fewer than 20 windows or two weeks give one that is not `ready`. mix: the
    segment column whose values may come in any proportions; all rows are then held against
    what the rows of each of its values are like (indirect standardisation).
    """
    held = [one for one in seen if one.n > 0]
    weeks = weeks_held([one.window for one in held])
    if len(held) < MIN_WINDOWS or weeks < MIN_WEEKS:
        return Calibration({}, {}, 1.0, None, len(held), weeks)
    levels: dict[Channel, Level] = {}
    p_values: dict[Channel, Float64] = {}
    rates = {}
    places = {one.window: i for i, one in enumerate(held)}
    segments = _segments(held)
    shares = {} if mix is None else _mixed(held, segments, mix)

    def learnt(segment: str) -> _Learnt:
        beside = {name: aligned(held, name) for name in shares} if segment == WHOLE else {}
        names = families(segment, mixed=mix is not None)
        return _learnt(basis, stream(held, segment), segment, names, beside)

    # The whole is most of the work and takes all processors; segments are small and many.
    found = chain(map(learnt, segments[:1]), mapped(learnt, segments[1:]))
    for segment, (windows, own_rates, channels) in zip(segments, found, strict=True):
        rows = np.array([places[window] for window in windows])
        for channel, (level, own) in channels.items():
            levels[channel] = level
            p_values[channel] = np.full(len(held), math.nan)
            p_values[channel][rows] = own
        # What all rows are held against needs those of a permitted mix, be they too few to judge.
        if channels or segment in shares:
            rates[segment] = own_rates
    tests, tail = _recalibration(p_values)
    return Calibration(levels, rates, tests, tail, len(held), weeks, shares)


def _mixed(held: Sequence[Observed], segments: Sequence[str], column: str) -> dict[str, float]:
    """The share of all rows that each value of a column has, of those that are known well."""
    rows = {
        name: float(stream(held, name).totals.n.sum())
        for name in segments
        if name.startswith(f"{column}=")
    }
    n = stream(held).totals.n.sum()
    return {name: float(own / n) for name, own in rows.items() if own >= MIN_ROWS_BESIDE}


def _segments(held: Sequence[Observed]) -> list[str]:
    """The whole, and the segments that occur in enough windows."""
    counts: dict[str, int] = {}
    for one in held:
        for name in one.traces.sums:
            counts[name] = counts.get(name, 0) + 1
    return [name for name in sorted(counts) if counts[name] >= MIN_WINDOWS or name == WHOLE]


def _learnt(
    basis: Basis, own: Stream, segment: str, names: Sequence[str], beside: Mapping[str, Stream]
) -> _Learnt:
    """A segment's windows, its rates, and of every channel its level and the held-out p-values of
    these windows."""
    found = {
        channel: (level, _held_out(scores, own.weeks, channel.span))
        for channel, (level, scores) in _levels(basis, own, segment, names, beside).items()
    }
    everything = np.ones(len(own.windows), np.bool_)
    return own.windows, History(basis, own, 1).rates(everything), found


def _levels(
    basis: Basis, own: Stream, segment: str, names: Sequence[str], beside: Mapping[str, Stream]
) -> dict[Channel, tuple[Level, Float64]]:
    """Every channel of a segment, and the scores of its windows by fits without their weeks."""
    length = own.windows[0].end - own.windows[0].start
    covered_time = (own.windows[-1].end - own.windows[0].start) / length
    spreads = dict(zip(names, mapped(lambda name: spread(basis, own, name), names), strict=True))
    every = {name: sampling(name, spreads[name]) for name in names}
    found = {}
    for span in spans(length):
        if covered_time / span < MIN_SPANS:
            break
        history = History(basis, own, span, fewest(segment), beside=beside)
        scores = _out_of_fold(history, spreads, every)
        expected = _expected(history, np.ones(len(own.windows), np.bool_))
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


def _expected(history: History, rows: npt.NDArray[np.bool_]) -> Totals:
    """What the windows of these rows let expect of all."""
    return history.expected(history.rates(rows), history.rates_beside(rows))


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
    expected = _expected(history, singles)
    found = {}
    for name, own in spreads.items():
        residuals = history.residuals(name, expected)
        within = (every[name] - sampling(name, own[~singles])) / singles.sum()
        found[name] = normal(residuals.of(apart), within).scores(residuals.of(scored))
    return scored, found


def _recalibration(p_values: Mapping[Channel, Float64]) -> tuple[float, Excess | None]:
    """How many independent tests give the smallest p-values their median, and the tail of their
    −log over the reference's windows (Westfall and Young 1993: their joint law stays as it is)."""
    weights = budget_shares(list(p_values))
    watched = [p / weights[c] for c, p in p_values.items() if c.family != "quality"]
    if not watched:
        return 1.0, None
    filled = np.where(np.isnan(watched), np.inf, watched)
    smallest = filled.min(axis=0)
    smallest = smallest[np.isfinite(smallest)]
    median = min(max(float(np.median(smallest)), 1e-6), 1 - 1e-6)
    most = sum(weights[c] for c in p_values if c.family != "quality")
    tests = float(np.clip(math.log(0.5) / math.log1p(-median), 1, max(most, 1)))
    depths = -np.log(np.maximum(smallest, 1e-300))
    return tests, (Excess.fitted if len(depths) >= MANY else Excess.exponential)(depths)
