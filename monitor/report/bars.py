"""Small drawings beside numbers: from-to bars, measures with their noise floor, histograms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from monitor.report.drawing import Drawing, Shape, box, disc, label, line, path, polyline, ticks
from monitor.report.formats import tick

_BAR_WIDTH, _BAR_HEIGHT = 130, 18


def change_bar(before: float | None, after: float | None, high: float) -> Drawing:
    """Reference share (ring) to current share (disc) on an axis from 0 to `high`."""
    shapes: list[Shape] = [line((5, 9, _BAR_WIDTH - 5, 9), "grid")]
    places = [None if v is None else _along(v / high if high > 0 else 0) for v in (before, after)]
    if places[0] is not None and places[1] is not None:
        grown = "grown" if places[1] >= places[0] else "shrunk"
        shapes.append(line((places[0], 9, places[1], 9), f"change {grown}"))
    shapes += [disc(x, 9, 4, s) for x, s in zip(places, ("from", "to"), strict=True) if x]
    return Drawing(_BAR_WIDTH, _BAR_HEIGHT, "", "", tuple(shapes))


def measure_bar(
    value: float | None, ends: tuple[float | None, float | None], floor: float | None
) -> Drawing | None:
    """A measure in [0, 1] with its interval and its noise floor (tick); `None` outside [0, 1]."""
    if value is None or not 0 <= value <= 1:
        return None
    shapes: list[Shape] = [line((5, 9, _BAR_WIDTH - 5, 9), "grid")]
    if floor is not None and 0 <= floor <= 1:
        shapes.append(line((_along(floor), 2, _along(floor), 16), "floor"))
    low, high = ends
    if low is not None and high is not None:
        shapes.append(line((_along(low), 9, _along(high), 9), "range"))
    shapes.append(disc(_along(value), 9, 4, "to"))
    return Drawing(_BAR_WIDTH, _BAR_HEIGHT, "", "", tuple(shapes))


def share_bar(part: float | None) -> Drawing:
    """A share in [0, 1] as a filled bar."""
    shapes = [box((0, 4), (_BAR_WIDTH, 10), "bar-back")]
    if part is not None and part > 0:
        shapes.append(box((0, 4), (_BAR_WIDTH * min(part, 1.0), 10), "bar"))
    return Drawing(_BAR_WIDTH, _BAR_HEIGHT, "", "", tuple(shapes))


def histogram_drawing(
    edges: Sequence[float], counts: Sequence[float], title: str, text: str
) -> Drawing | None:
    """Counts between edges as bars; `None` where they do not fit together or are all zero."""
    if len(edges) != len(counts) + 1 or not counts or max(counts) <= 0:
        return None
    low, high = edges[0], edges[-1]
    if not high > low:
        return None
    width, height, left, base = 460, 170, 44, 148
    scale = (width - left - 8) / (high - low)
    top = ticks(max(counts), 3)[-1]
    shapes: list[Shape] = []
    for value in ticks(max(counts), 3):
        y = base - (base - 10) * value / top
        shapes.append(line((left, y, width - 8, y), "grid"))
        shapes.append(label(left - 6, y + 4, tick(value), anchor="end"))
    for a, b, n in zip(edges, edges[1:], counts, strict=False):
        tall = (base - 10) * max(n, 0.0) / top
        corner = (left + (a - low) * scale + 0.5, base - tall)
        shapes.append(box(corner, (max((b - a) * scale - 1, 0.5), tall), "bar"))
    shapes += _bottom_labels(low, high, left, scale)
    return Drawing(width, height, title, text, tuple(shapes))


def spectrum_drawing(a: Sequence[float], b: Sequence[float]) -> Drawing | None:
    """Cumulative shares of the variance by number of directions, of two versions (b dashed);
    `None` without shares."""
    most = max(len(a), len(b))
    if most < 2 or not (sum(a) > 0 and sum(b) > 0):
        return None
    width, height, left, base = 460, 170, 44, 148
    scale, tall = (width - left - 8) / (most - 1), base - 10
    shapes: list[Shape] = []
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = base - tall * value
        shapes.append(line((left, y, width - 8, y), "grid"))
        shapes.append(label(left - 6, y + 4, f"{value:.0%}", anchor="end"))
    for shares, style in ((a, "curve-a"), (b, "curve-b")):
        ys = [base - tall * min(total, 1.0) for total in accumulate(shares)]
        xs = [left + i * scale for i in range(len(shares))]
        shapes.append(path(polyline(xs, ys), style))
    for at in (1, most // 2, most):
        anchor = "start" if at == 1 else "end" if at == most else "middle"
        shapes.append(label(left + (at - 1) * scale, 164, str(at), anchor=anchor))
    halves = [next((i for i, t in enumerate(accumulate(s), 1) if t >= 0.5), len(s)) for s in (a, b)]
    text = f"half of the variance is in {halves[0]} directions of A and {halves[1]} of B"
    return Drawing(width, height, "Variance held by the leading directions", text, tuple(shapes))


def _bottom_labels(low: float, high: float, left: int, scale: float) -> list[Shape]:
    places = [low + (high - low) * k / 4 for k in range(5)]
    decimals = min(max(0, 1 - math.floor(math.log10((high - low) / 4))), 12)
    anchors = ("start", "middle", "middle", "middle", "end")
    return [
        label(left + (at - low) * scale, 164, f"{at:.{decimals}f}", anchor=anchor)
        for at, anchor in zip(places, anchors, strict=True)
    ]


def _along(part: float) -> float:
    part = 0.0 if math.isnan(part) else min(max(part, 0.0), 1.0)
    return 5 + part * (_BAR_WIDTH - 10)
