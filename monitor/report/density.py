"""Where rows are dense on a 2-D map: reference, current and their log ratio on one pair of axes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.report.drawing import Drawing, Floats, Shape, disc, dots, label, path

CELLS = 96
"""Cells along each side of a map."""
SIDE = 288
"""Units along each side of a drawn map."""
LEVELS = 7
_RATIO_STEPS = (0.5, 1.0, 2.0)
"""Lower ends of the three steps of the log2 ratio: 1.4, 2 and 4 times as dense."""
_SURE = 2.0
"""A ratio is coloured where it is so many standard errors from 1."""
_FEWEST = 3.0
"""Rows within the kernel's reach, both sides together, below which a place is left blank."""


@dataclass(frozen=True)
class Square:
    """A square that holds all points, so that both axes have one scale."""

    x: float
    y: float
    side: float

    def places(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The points scaled to [0, 1] each way, y downward as on a screen."""
        return (x - self.x) / self.side, 1 - (y - self.y) / self.side


def square(x: Floats, y: Floats) -> Square:
    """The square around the points, with 3 % to spare on each side.

    >>> square(np.array([0.0, 2.0]), np.array([0.0, 1.0])).side
    2.12
    """
    low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    side = float((high - low).max()) or 1.0
    corner = (low + high) / 2 - side * 0.53
    return Square(float(corner[0]), float(corner[1]), side * 1.06)


def smoothed_counts(x: Floats, y: Floats, sigma: float) -> Floats:
    """Points (scaled to [0, 1]) a cell, smoothed with a Gaussian of `sigma` cells; sums to 1."""
    edges = np.linspace(0, 1, CELLS + 1)
    counts = np.histogram2d(np.clip(y, 0, 1), np.clip(x, 0, 1), bins=(edges, edges))[0]
    reach = int(np.ceil(3 * sigma))
    offsets = np.arange(CELLS)[:, None] - np.arange(CELLS)[None, :]
    kernel = np.where(np.abs(offsets) <= reach, np.exp(-0.5 * (offsets / sigma) ** 2), 0.0)
    smooth = kernel @ counts @ kernel.T
    total = smooth.sum()
    return np.asarray(smooth / total if total > 0 else smooth, dtype=np.float64)


def bandwidth(x: Floats, y: Floats) -> float:
    """Cells of smoothing by Scott's rule, halved because maps have many humps; 1 to 5."""
    n = max(len(x), 2)
    spread = float(np.sqrt((np.var(x) + np.var(y)) / 2)) * CELLS
    return float(np.clip(0.5 * spread * n ** (-1 / 6), 1.0, 5.0))


def density_drawings(
    x: Floats, y: Floats, split: Floats, numbers: Iterable[tuple[float, float, int]]
) -> tuple[Drawing, Drawing, Drawing]:
    """Reference (split 0), current (1) and log-ratio panels, on the same axes and scale.

    `numbers` are (x, y, rank) of the clusters to name on the panels by their rank in the table.
    """
    frame = square(x, y)
    u, v = frame.places(x, y)
    sigma = bandwidth(u, v)
    before, after = (smoothed_counts(u[split == k], v[split == k], sigma) for k in (0, 1))
    peak = max(float(before.max()), float(after.max())) or 1.0
    tags = _tags(frame, numbers)
    sides = (
        ("Where reference rows are", before, "ref", int((split == 0).sum())),
        ("Where current rows are", after, "cur", int((split == 1).sum())),
    )
    panels = [
        _panel(title, f"{n:,} rows", [*_levels(mass / peak, style), *tags])
        for title, mass, style, n in sides
    ]
    reach = 4 * np.pi * sigma**2
    seen = (
        Side(before * reach, int((split == 0).sum())),
        Side(after * reach, int((split == 1).sum())),
    )
    title = "Where there are surely more or fewer than before"
    return panels[0], panels[1], _panel(title, "", [*_ratio(*seen), *tags])


def dot_drawing(title: str, text: str, groups: list[tuple[Floats, Floats, str]]) -> Drawing:
    """Points scaled to [0, 1] as dots, in the CSS class of their group; later groups on top."""
    shapes = [path(dots(u * SIDE, v * SIDE), f"dots {style}") for u, v, style in groups if len(u)]
    return _panel(title, text, shapes)


def _panel(title: str, text: str, shapes: list[Shape]) -> Drawing:
    return Drawing(SIDE, SIDE, title, text, tuple(shapes))


def _levels(mass: Floats, style: str) -> list[Shape]:
    """Square roots, so that thin regions are seen beside dense ones."""
    steps = np.ceil(np.sqrt(np.clip(mass, 0, 1)) * LEVELS - 0.35).astype(int)
    found = [(k, _runs(steps == k)) for k in range(1, LEVELS + 1)]
    return [path(cells, f"d {style} l{k}") for k, cells in found if cells]


@dataclass(frozen=True)
class Side:
    """Shares of the rows within the kernel's reach of each cell, and how many rows there are."""

    near: Floats
    n: int


def _ratio(before: Side, after: Side) -> list[Shape]:
    """The log2 ratio of densities where rows enough show that it is not chance."""
    rows = [side.near * side.n + 0.5 for side in (before, after)]
    ratio = np.log2((rows[1] / after.n) / (rows[0] / before.n))
    error = np.sqrt(1 / rows[0] + 1 / rows[1]) / np.log(2)
    seen = rows[0] + rows[1] - 1 >= _FEWEST
    sure = seen & (abs(ratio) > _SURE * error) & (abs(ratio) >= _RATIO_STEPS[0])
    shapes = [path(cells, "d same")] if (cells := _runs(seen & ~sure)) else []
    ends = (*_RATIO_STEPS[1:], np.inf)
    for k, (low, high) in enumerate(zip(_RATIO_STEPS, ends, strict=True), 1):
        for style, value in (("more", ratio), ("less", -ratio)):
            cells = _runs(sure & (value >= low) & (value < high))
            shapes += [path(cells, f"d {style} r{k}")] if cells else []
    return shapes


def _runs(where: npt.NDArray[np.bool_]) -> str:
    """Path data that fills the true cells, one rectangle a run along a row."""
    size = SIDE / CELLS
    parts: list[str] = []
    for row, cells in enumerate(where):
        padded = np.concatenate(([False], cells, [False])).astype(np.int8)
        starts, ends = (np.flatnonzero(np.diff(padded) == sign) for sign in (1, -1))
        for a, b in zip(starts, ends, strict=True):
            width = (b - a) * size
            parts.append(f"M{a * size:g} {row * size:g}h{width:g}v{size:g}h{-width:g}z")
    return "".join(parts)


def _tags(frame: Square, numbers: Iterable[tuple[float, float, int]]) -> list[Shape]:
    """Numbered discs; one that would cover an earlier one moves to the nearest free place."""
    taken: list[tuple[float, float]] = []
    shapes: list[Shape] = []
    for x, y, rank in numbers:
        u, v = frame.places(np.array([x]), np.array([y]))
        across, down = _free((float(u[0]) * SIDE, float(v[0]) * SIDE), taken)
        taken.append((across, down))
        shapes.append(disc(across, down, 9, "tag"))
        shapes.append(label(across, down + 4, str(rank), "tag-number", "middle"))
    return shapes


def _free(place: tuple[float, float], taken: list[tuple[float, float]]) -> tuple[float, float]:
    turns = [k * math.pi / 4 for k in range(8)]
    around = [
        (place[0] + far * math.cos(turn), place[1] + far * math.sin(turn))
        for far in (0.0, 12.0, 20.0, 28.0)
        for turn in turns
    ]
    inside = [p for p in around if min(p) >= 10 and max(p) <= SIDE - 10]
    clear = (p for p in inside if all(math.dist(p, other) >= 19 for other in taken))
    return next(clear, place)
