"""The trend as a static drawing: score, alarm level, incidents, marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from monitor.report.drawing import Drawing, Shape, box, disc, label, line, path, polyline, ticks
from monitor.report.formats import tick
from monitor.report.series import Point, Series

_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 24, 24
_LEVEL_HEIGHT = 46
_DOTS_UP_TO = 150
_CEILING = 12.0
"""Scores above so many alarm levels are drawn at the top edge, so that the rest stays legible."""


@dataclass(frozen=True)
class _Frame:
    """Where time and score fall on the picture."""

    width: int
    height: int
    ends: tuple[float, float]
    high: float

    def x(self, at: float) -> float:
        low, high = self.ends
        part = (at - low) / (high - low) if high > low else 0.5
        return _LEFT + part * (self.width - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        part = min(max(value / self.high, 0.0), 1.0)
        return _TOP + (1 - part) * self.floor_height

    @property
    def floor_height(self) -> float:
        return self.height - _TOP - _BOTTOM

    @property
    def floor(self) -> float:
        return self.height - _BOTTOM


def trend_drawing(trend: Series, size: tuple[int, int], text: str) -> Drawing:
    """The trend drawn `size` (width, height) large; `text` describes it to those who cannot see."""
    width, height = size
    has_level = any(p.level is not None for p in trend.points)
    plot_height = height - (_LEVEL_HEIGHT if has_level else 0)
    frame = _Frame(width, plot_height, trend.ends, ceiling(trend))
    shapes = [
        *_reference(frame, trend),
        *_incidents(frame, trend),
        *_axes(frame),
        *_marks(frame, trend),
        *_changes(frame, trend),
        *_threshold(frame, trend),
        *_scores(frame, trend),
    ]
    if has_level:
        shapes += _level(frame, trend, height)
    return Drawing(width, height, "Drift score over time", text, tuple(shapes))


def ceiling(trend: Series) -> float:
    """The highest score the axis shows."""
    scores = [p.score for p in trend.points if p.score is not None]
    levels = [p.threshold for p in trend.points if p.threshold is not None]
    top, alarm = max(scores, default=0.0), max(levels, default=0.0)
    if alarm > 0:
        top = max(1.25 * alarm, min(top, _CEILING * alarm))
    return ticks(top if top > 0 else 1.0)[-1]


def time_labels(ends: tuple[float, float], most: int) -> list[tuple[float, str]]:
    """Places (seconds since 1970) and words of at most about `most` labels on a time axis."""
    low, high = ends
    days = (high - low) / 86_400
    if days > 366 * 1.5:
        return _years(low, high, most)
    form = "%-d %b" if days > 3 else "%-d %b %H:%M" if days > 1 else "%H:%M"
    step = next(
        (s for s in (900, 3600, 10800, 21600, 43200, 86400) if (high - low) / s <= most),
        86_400 * math.ceil(days / most),
    )
    first = math.ceil(low / step) * step
    places = [first + i * step for i in range(int((high - first) // step) + 1)]
    return [(at, datetime.fromtimestamp(at, UTC).strftime(form)) for at in places]


def _years(low: float, high: float, most: int) -> list[tuple[float, str]]:
    first, last = (datetime.fromtimestamp(at, UTC).year for at in (low, high))
    steps = (s for s in (1, 2, 5, 10, 20, 50, 100, 500) if (last - first) / s <= most)
    step = next(steps, 1000)
    years = [year for year in range(first, last + 1) if year % step == 0]
    starts = [(datetime(year, 1, 1, tzinfo=UTC).timestamp(), str(year)) for year in years]
    return [(at, year) for at, year in starts if low <= at <= high]


def _reference(frame: _Frame, trend: Series) -> list[Shape]:
    """A bar along the time axis: the windows that the others are judged against."""
    if trend.reference is None:
        return []
    start, end = (frame.x(at) for at in trend.reference)
    return [
        box((start, _TOP), (end - start, frame.floor - _TOP), "reference-span"),
        label(start + 4, _TOP + 12, "reference", "t"),
    ]


def _incidents(frame: _Frame, trend: Series) -> list[Shape]:
    spans = [(frame.x(start), frame.x(end)) for start, end in trend.incidents()]
    size = frame.floor - _TOP
    return [box((a, _TOP), (max(b - a, 2.0), size), "incident") for a, b in spans]


def _axes(frame: _Frame) -> list[Shape]:
    shapes = [label(2, 11, "score", "t strong")]
    for value in ticks(frame.high):
        y = frame.y(value)
        shapes.append(line((_LEFT, y, frame.width - _RIGHT, y), "grid"))
        shapes.append(label(_LEFT - 6, y + 4, tick(value), anchor="end"))
    for at, text in time_labels(frame.ends, max(3, frame.width // 130)):
        x = frame.x(at)
        shapes.append(line((x, frame.floor, x, frame.floor + 4), "axis"))
        anchor = "middle" if 30 < x < frame.width - 30 else "start" if x <= 30 else "end"
        shapes.append(label(x, frame.floor + 17, text, anchor=anchor))
    return shapes


def _marks(frame: _Frame, trend: Series) -> list[Shape]:
    shapes: list[Shape] = []
    for rank, mark in enumerate(trend.marks, 1):
        x = frame.x(mark.at.timestamp())
        shapes.append(line((x, _TOP - 6, x, frame.floor), "mark"))
        shapes.append(disc(x, _TOP - 12, 8, "mark-head"))
        shapes.append(label(x, _TOP - 8, str(rank), "mark-number", "middle"))
    return shapes


def _changes(frame: _Frame, trend: Series) -> list[Shape]:
    """Small flags on the time axis where another reference began to judge."""
    y = frame.floor
    return [
        path(f"M{frame.x(at):.1f} {y:.1f}v-9l7 4.5l-7 4.5z", "rebase") for at in trend.changes()
    ]


def _threshold(frame: _Frame, trend: Series) -> list[Shape]:
    ends = [(p, frame.x(p.start.timestamp()), frame.x(p.end.timestamp())) for p in trend.points]
    steps = [(p.threshold, a, b) for p, a, b in ends if p.threshold is not None]
    if not steps:
        return []
    xs = [x for _, a, b in steps for x in (a, b)]
    ys = [frame.y(level) for level, _, _ in steps for _ in (0, 1)]
    words = label(_LEFT + 4, ys[0] - 5, "alarm level", "t alarm")
    return [path(polyline(xs, ys), "threshold"), words]


def _scores(frame: _Frame, trend: Series) -> list[Shape]:
    xs = [frame.x(p.middle) for p in trend.points]
    ys = [None if p.score is None else frame.y(p.score) for p in trend.points]
    shapes = [path(polyline(xs, ys), "score")]
    plain = len(trend.points) <= _DOTS_UP_TO
    for point, x, y in zip(trend.points, xs, ys, strict=True):
        if y is None:
            shapes.append(label(x, frame.floor - 4, "×", "t", "middle"))
        elif plain or point.verdict in ("warn", "drift"):
            shapes.append(_marker(point, x, y))
    x, y = xs[trend.shown], ys[trend.shown]
    if y is not None:
        shapes.append(disc(x, y, 9, "focus"))
    return shapes


def _marker(point: Point, x: float, y: float) -> Shape:
    """The verdict by form as well as colour: disc, triangle, diamond, ring."""
    if point.verdict == "drift":
        return path(f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z", "v-drift")
    if point.verdict == "warn":
        return path(f"M{x:.1f} {y - 5.5:.1f}l5.5 10h-11z", "v-warn")
    return disc(x, y, 3.2, "v-ok" if point.verdict == "ok" else "v-none")


def _level(frame: _Frame, trend: Series, height: int) -> list[Shape]:
    """A strip below the score: how far the traffic is from the first reference."""
    top, floor = height - _LEVEL_HEIGHT + 16, height - 4
    levels = [p.level for p in trend.points]
    high = max((v for v in levels if v is not None), default=0.0) or 1.0
    ys = [None if v is None else floor - (floor - top) * max(v, 0.0) / high for v in levels]
    xs = [frame.x(p.middle) for p in trend.points]
    shapes = [
        label(_LEFT, top - 6, "distance to launch", "t"),
        label(_LEFT - 6, top + 4, tick(high), anchor="end"),
        label(_LEFT - 6, floor + 2, "0", anchor="end"),
        line((_LEFT, floor, frame.width - _RIGHT, floor), "grid"),
        path(polyline(xs, ys), "level"),
    ]
    alone = [i for i, y in enumerate(ys) if y is not None]
    if alone and all(b - a > 1 for a, b in pairwise(alone)):
        shapes += [disc(xs[i], ys[i] or floor, 2.5, "level-dot") for i in alone]
    return shapes
