"""How cosines and residuals are spread over rows, and variance over directions: drawn, tabled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, pairwise

from monitor.report.bars import histogram_drawing, spectrum_drawing
from monitor.report.bodies import Histogram
from monitor.report.formats import count, number, share
from monitor.report.page import Cell, Table, figure, table
from monitor.report.record import Record

_HISTOGRAMS = (
    ("cosine", "Cosine of each row with itself in the other version"),
    ("residual", "What is left of each row's move after the best rotation"),
)
_MOST = 512
_PARTS = (0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def histograms(run: Record) -> tuple[Histogram, ...]:
    """The histograms that a comparison has, and the variance of its sides."""
    found = [_histogram(run.rec("histogram").rec(key), caption) for key, caption in _HISTOGRAMS]
    return tuple(one for one in [*found, _spectrum(run.rec("spectrum"))] if one is not None)


def _histogram(raw: Record, caption: str) -> Histogram | None:
    edges, counts = _numbers(raw, "edges"), _numbers(raw, "counts")
    ends = f"from {number(edges[0])} to {number(edges[-1])}" if edges else ""
    drawing = histogram_drawing(edges, counts, caption, f"{count(sum(counts))} rows {ends}")
    if drawing is None:
        return None
    rows = tuple(
        (Cell(f"{number(low)} to {number(high)}"), figure(count(n)))
        for (low, high), n in zip(pairwise(edges), counts, strict=True)
        if n
    )
    return Histogram(drawing, caption, table(caption, "between|#rows", rows))


def _spectrum(raw: Record) -> Histogram | None:
    a, b = ([max(v, 0.0) for v in _numbers(raw, side)[:_MOST]] for side in "ab")
    drawing = spectrum_drawing(a, b)
    if drawing is None:
        return None
    caption = f"{drawing.title}: A solid, B dashed; {drawing.text}"
    return Histogram(drawing, caption, _directions(drawing.title, a, b))


def _directions(title: str, a: Sequence[float], b: Sequence[float]) -> Table | None:
    """How many directions hold which part of the variance."""
    sums = [list(accumulate(shares)) for shares in (a, b)]
    rows = tuple(
        (Cell(share(part)), *(figure(_needed(total, part)) for total in sums)) for part in _PARTS
    )
    return table(title, "variance held|#directions of A|#directions of B", rows)


def _needed(total: Sequence[float], part: float) -> str:
    place = bisect_left(total, part)
    return count(place + 1) if place < len(total) else f"> {len(total)}"


def _numbers(raw: Record, key: str) -> list[float]:
    values = raw.nums(key)
    return [v for v in values if v is not None] if None not in values else []
