"""Segments over time: a heat map of segment × window, and a small trend for each of the first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.report.bodies import Panel, Segments, Swatch
from monitor.report.charts import time_labels
from monitor.report.drawing import Drawing, Shape, box, label, line, path, polyline, ticks
from monitor.report.formats import count, day, plural, probability, span, tick
from monitor.report.page import Cell, Table, figure, table
from monitor.report.series import Point, Series

_MOST_ROWS, _MULTIPLES = 16, 6
_WIDE, _NARROW = (1000, 160, 120), (380, 112, 28)
"""Width, width of the names, and most windows drawn."""
_ROW, _TOP, _BOTTOM = 20, 6, 24
_STEPS = (1.0, 2.0, 3.0)
"""Scores from which a cell is darker: p of 0.1, 0.01 and 0.001."""
_LEGEND = (
    Swatch("heat h0", "p above 0.1"),
    Swatch("heat h1", "0.1 to 0.01"),
    Swatch("heat h2", "0.01 to 0.001"),
    Swatch("heat h3", "below 0.001"),
)


@dataclass(frozen=True)
class Track:
    """One segment over the windows of a trend: its score where it is known, and whether it was
    told that it changed."""

    name: str
    scores: tuple[float | None, ...]
    changed: tuple[bool, ...]

    @property
    def highest(self) -> float:
        """The highest score, 0 where none is known."""
        return max((s for s in self.scores if s is not None), default=0.0)

    def last(self, n: int) -> Track:
        """The same over the last `n` windows."""
        return Track(self.name, self.scores[-n:], self.changed[-n:])


def segments_over_time(trend: Series) -> Segments | None:
    """The section's body; `None` where no window tells of segments."""
    known = [i for i, point in enumerate(trend.points) if point.segments]
    if not known:
        return None
    points = trend.points[max(known[0], len(trend.points) - _WIDE[2]) :]
    tracks = _tracks(points)
    wide, narrow = (_heat(tracks, points, size) for size in (_WIDE, _NARROW))
    top = max(track.highest for track in tracks)
    panels = tuple(Panel(_multiple(t, points, top), t.name) for t in tracks[:_MULTIPLES])
    hidden = len({name for p in points for name in p.segments}) - len(tracks)
    note = f"{plural(hidden, 'quieter segment')} not shown." if hidden > 0 else ""
    return Segments(wide, narrow, _LEGEND, panels, _table(tracks, points), note)


def _tracks(points: Sequence[Point]) -> list[Track]:
    """The segments of these windows: those that changed most often first, then the least likely."""
    names = sorted({name for point in points for name in point.segments})
    found = [_track(name, points) for name in names]
    found.sort(key=lambda track: (-sum(track.changed), -track.highest, track.name))
    return found[:_MOST_ROWS]


def _track(name: str, points: Sequence[Point]) -> Track:
    seen = [point.segments.get(name) for point in points]
    scores = tuple(None if one is None else -math.log10(max(one[0], 1e-300)) for one in seen)
    return Track(name, scores, tuple(one is not None and one[1] for one in seen))


def _heat(tracks: Sequence[Track], points: Sequence[Point], size: tuple[int, int, int]) -> Drawing:
    """Rows are segments, columns windows; what changed has a diamond as well as its colour."""
    width, names, most = size
    points, tracks = points[-most:], [track.last(most) for track in tracks]
    step = (width - names - 4) / len(points)
    shapes: list[Shape] = []
    for row, track in enumerate(tracks):
        top = _TOP + row * _ROW
        shapes.append(label(names - 8, top + 14, _short(track.name, names // 7), anchor="end"))
        for place, (score, changed) in enumerate(zip(track.scores, track.changed, strict=True)):
            x = names + place * step
            size_ = (max(step - 1, 1.0), _ROW - 2.0)
            shapes += [] if score is None else [box((x, top), size_, f"heat h{_level(score)}")]
            shapes += [_diamond(x + size_[0] / 2, top + _ROW / 2 - 1)] if changed else []
    floor = _TOP + len(tracks) * _ROW
    ends = points[0].start.timestamp(), points[-1].end.timestamp()
    for at, text in time_labels(ends, max(2, width // 160)):
        x = names + (at - ends[0]) / (ends[1] - ends[0]) * (width - names - 4)
        anchor = "start" if x < names + 20 else "end" if x > width - 30 else "middle"
        shapes.append(label(x, floor + 16, text, anchor=anchor))
    told = sum(any(track.changed) for track in tracks)
    sizes = f"{plural(len(tracks), 'segment')}, {plural(len(points), 'window')}"
    words = f"{sizes}; {count(told)} changed"
    return Drawing(width, floor + _BOTTOM, "Segments by window", words, tuple(shapes))


def _level(score: float) -> int:
    return sum(score >= step for step in _STEPS)


def _multiple(track: Track, points: Sequence[Point], top: float) -> Drawing:
    """One segment's score over time; all are drawn to one scale."""
    width, height, left, floor = 300, 96, 30, 78
    high = ticks(max(top, _STEPS[-1]), 3)[-1]
    ends = points[0].start.timestamp(), points[-1].end.timestamp()
    xs = [left + (p.middle - ends[0]) / (ends[1] - ends[0]) * (width - left - 6) for p in points]
    ys = [None if s is None else floor - min(s / high, 1.0) * (floor - 8) for s in track.scores]
    shapes: list[Shape] = []
    for value in ticks(max(top, _STEPS[-1]), 3):
        y = floor - value / high * (floor - 8)
        shapes.append(line((left, y, width - 6, y), "grid"))
        shapes.append(label(left - 5, y + 4, tick(value), anchor="end"))
    shapes.append(path(polyline(xs, ys), "score"))
    marks = zip(xs, ys, track.changed, strict=True)
    shapes += [_diamond(x, y) for x, y, changed in marks if changed and y is not None]
    for at, text in time_labels(ends, 3):
        x = left + (at - ends[0]) / (ends[1] - ends[0]) * (width - left - 6)
        shapes.append(label(x, height - 4, text, anchor="start" if x < left + 20 else "middle"))
    words = (
        f"highest {tick(round(track.highest, 1))}; changed in {count(sum(track.changed))} windows"
    )
    return Drawing(width, height, f"Score of {track.name}", words, tuple(shapes))


def _diamond(x: float, y: float) -> Shape:
    return path(f"M{x:.1f} {y - 5:.1f}l5 5l-5 5l-5 -5z", "v-drift")


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _table(tracks: Sequence[Track], points: Sequence[Point]) -> Table | None:
    """What the heat map shows, to be read."""
    rows = []
    for track in tracks:
        told = [p for p, changed in zip(points, track.changed, strict=True) if changed]
        best = max(range(len(points)), key=lambda i: track.scores[i] or 0.0)
        rows.append(
            (
                Cell(track.name),
                figure(count(len(told))),
                Cell(f"{day(told[0].start)} to {day(told[-1].start)}" if told else "–"),
                figure(probability(10**-track.highest)),
                Cell(span(points[best].start, points[best].end)),
            )
        )
    heads = "segment|#windows that changed|from, to|#smallest p|in window"
    return table("Segments over time", heads, tuple(rows))
