"""A small picture as data: shapes that a template prints as SVG, each attribute escaped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """One SVG element. `attributes` never come from data except as numbers; `text` may."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass(frozen=True)
class Drawing:
    """A picture of `width` × `height` units. `title` says what it is, `text` what it shows."""

    width: int
    height: int
    title: str
    text: str
    shapes: tuple[Shape, ...]


def path(points: str, style: str) -> Shape:
    """A path in the colours of the CSS class `style`."""
    return Shape("path", {"d": points, "class": style})


def line(ends: tuple[float, float, float, float], style: str) -> Shape:
    """A straight line from (x, y) to (x, y)."""
    x1, y1, x2, y2 = ends
    return path(f"M{_n(x1)} {_n(y1)}L{_n(x2)} {_n(y2)}", style)


def box(corner: tuple[float, float], size: tuple[float, float], style: str) -> Shape:
    """A rectangle."""
    (x, y), (width, height) = corner, size
    numbers = {"x": _n(x), "y": _n(y), "width": _n(width), "height": _n(height)}
    return Shape("rect", {**numbers, "class": style})


def disc(x: float, y: float, radius: float, style: str) -> Shape:
    """A filled circle."""
    return Shape("circle", {"cx": _n(x), "cy": _n(y), "r": _n(radius), "class": style})


def label(x: float, y: float, text: str, style: str = "t", anchor: str = "start") -> Shape:
    """A text at (x, y), anchored at its `start`, `middle` or `end`."""
    place = {"x": _n(x), "y": _n(y), "class": style}
    return Shape("text", place if anchor == "start" else {**place, "text-anchor": anchor}, text)


def polyline(xs: Iterable[float], ys: Iterable[float | None]) -> str:
    """Path data through the points; a `None` breaks the line.

    >>> polyline([0, 1, 2, 3], [5, 6, None, 7])
    'M0 5L1 6M3 7'
    """
    parts: list[str] = []
    pen = "M"
    for x, y in zip(xs, ys, strict=True):
        if y is None:
            pen = "M"
            continue
        parts.append(f"{pen}{_n(x)} {_n(y)}")
        pen = "L"
    return "".join(parts)


def dots(x: Floats, y: Floats) -> str:
    """Path data of one dot a point, to be stroked with round caps.

    >>> dots(np.array([1.0, 2.04]), np.array([3.0, 4.0]))
    'M1 3h0M2 4h0'
    """
    return "".join(f"M{_n(a)} {_n(b)}h0" for a, b in zip(x, y, strict=True))


def ticks(high: float, most: int = 4) -> list[float]:
    """Round values from 0 up to at least `high`, with at most `most` steps.

    >>> ticks(9.3), ticks(0.07)
    ([0.0, 5.0, 10.0], [0.0, 0.02, 0.04, 0.06, 0.08])
    """
    if not high > 0:
        return [0.0, 1.0]
    rough = high / most
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(size * k for k in (1, 2, 5, 10) if size * k >= rough * (1 - 1e-9))
    steps = int(np.ceil(high / step - 1e-9))
    return [round(float(step * i), 12) for i in range(steps + 1)]


def _n(value: float) -> str:
    """Coordinates to a tenth of a unit; no more is seen.

    >>> _n(2.0), _n(-0.04), _n(3.14)
    ('2', '0', '3.1')
    """
    text = f"{value:.1f}"
    text = text[:-2] if text.endswith(".0") else text
    return "0" if text == "-0" else text
