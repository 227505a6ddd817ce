"""The map of a check or drift: density panels first, then what the live map needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.report.bodies import Map, Panel, Swatch
from monitor.report.colours import columns, time_scale, window_codes
from monitor.report.density import density_drawings, square
from monitor.report.drawing import Floats
from monitor.report.focus import Focus
from monitor.report.formats import count
from monitor.report.packed import uint8, uint16
from monitor.report.record import Record
from monitor.report.texts import Texts
from monitor.report.topics import Topic

MOST_POINTS = 200_000
MOST_TEXTS = 5_000
"""Rows of a page whose text is kept for the live maps; texts are what makes pages heavy."""
_TAGGED = 6
_FEWEST = 10

_LEVEL_LEGEND = ("few rows", "many rows")


@dataclass(frozen=True)
class Dots:
    """The points of a map that have coordinates; (n,) each, `row` is their place in the run."""

    x: Floats
    y: Floats
    row: npt.NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.row)


def dots_of(points: Record, keys: Sequence[str] = ("x", "y")) -> Dots:
    """The points with finite coordinates, at most MOST_POINTS of them, evenly thinned out."""
    x, y = (floats(points, key) for key in keys)
    n = min(len(x), len(y))
    rows = np.flatnonzero(np.isfinite(x[:n]) & np.isfinite(y[:n]))
    rows = rows[spread(len(rows), MOST_POINTS)]
    return Dots(x[rows], y[rows], rows)


def floats(points: Record, key: str) -> Floats:
    """The list below `key` as float64, `nan` for what is no number."""
    return np.array([np.nan if v is None else v for v in points.nums(key)], dtype=np.float64)


def column(points: Record, key: str, dots: Dots) -> Floats:
    """The values below `key` for these points; `nan` where the list is short or absent."""
    values = floats(points, key)
    padded = np.full(int(dots.row.max()) + 1 if len(dots) else 0, np.nan)
    n = min(len(padded), len(values))
    padded[:n] = values[:n]
    return padded[dots.row]


def spread(n: int, most: int) -> npt.NDArray[np.intp]:
    """At most `most` of `n` places, evenly apart.

    >>> spread(5, 2), len(spread(3, 9))
    (array([0, 4]), 3)
    """
    if n <= most:
        return np.arange(n)
    return np.unique(np.linspace(0, n - 1, most).round().astype(np.intp))


def density_map(run: Record, found: Sequence[Topic], texts: Texts) -> Map | None:
    """The static map; `None` without points on both sides."""
    raw = run.rec("map")
    points = raw.rec("points")
    dots = dots_of(points)
    split = column(points, "split", dots)
    if len(dots) < _FEWEST or not all((split == side).any() for side in (0, 1)):
        return None
    tags = _tags(points, dots, found)
    drawings = density_drawings(dots.x, dots.y, split, tags)
    named = tuple(Swatch("tag", f"{rank} {found[rank - 1].label}") for _, _, rank in tags)
    return Map(
        _panels(drawings), named, _colours(points, dots, found, texts), _note(raw, len(dots))
    )


def live_map(focus: Focus, budget: int) -> dict[str, Any]:
    """What the live map draws; texts for at most `budget` rows, the most novel ones first."""
    run, found, texts = focus.run, focus.topics, focus.texts
    points = run.rec("map").rec("points")
    dots = dots_of(points)
    frame = square(dots.x, dots.y)
    u, v = frame.places(dots.x, dots.y)
    novelty = column(points, "novelty", dots)
    steps, ends = _scaled(novelty)
    return {
        "panels": [{"x": uint16(u), "y": uint16(v)}],
        "split": uint8(column(points, "split", dots)),
        "cluster": uint8(_cluster_ranks(points, dots, found)),
        "novelty": {"values": uint8(steps), "ends": ends},
        "time": time_scale(column(points, "at", dots)),
        "windows": window_codes(column(points, "at", dots), focus.window.rec("window")),
        "columns": columns(points, dots.row, texts),
        "clusters": [{"id": t.number, "label": t.label} for t in found[:254]],
        "rows": row_texts(points, dots, texts, told(novelty, budget)),
    }


def told(novelty: Floats, budget: int) -> npt.NDArray[np.intp]:
    """Which points tell their text: half the budget the most novel, the rest evenly spread."""
    n = len(novelty)
    if n <= budget:
        return np.arange(n)
    order = np.argsort(-np.nan_to_num(novelty, nan=-np.inf), kind="stable")
    first, rest = order[: budget // 2], np.sort(order[budget // 2 :])
    return np.sort(np.concatenate([first, rest[spread(len(rest), budget - len(first))]]))


def row_texts(
    points: Record, dots: Dots, texts: Texts, which: npt.NDArray[np.intp]
) -> dict[str, Any]:
    """Ids and texts of these points, as lists beside their places."""
    ids, words = points.items("id"), points.items("text")
    rows = dots.row[which]
    return {
        "at": which.tolist(),
        "id": [texts.words(ids[i], 60) if i < len(ids) else "" for i in rows],
        "text": [(texts.row(words[i]) or "") if i < len(words) else "" for i in rows],
    }


def where_computed(raw: Record, n: int) -> str:
    """What a map may be used for, said on the page."""
    method = {"umap": "UMAP", "pca": "PCA"}.get(raw.text("method") or "", "2-D projection")
    seed = f", seed {count(raw.num('seed'))}" if raw.num("seed") is not None else ""
    dims = raw.num("dimensions")
    full = f"all {count(dims)} dimensions" if dims is not None else "all dimensions"
    return (
        f"{method}{seed}, {count(n)} rows. The verdict was computed in {full}, not on this map; "
        "distances on the map are not to scale."
    )


def _tags(points: Record, dots: Dots, found: Sequence[Topic]) -> list[tuple[float, float, int]]:
    """Where the topics that changed most are: the middle of their points, on the side that has
    more of them, by rank."""
    cluster, split = (column(points, key, dots) for key in ("cluster", "split"))
    tags = []
    for rank, topic in enumerate(found[:_TAGGED], 1):
        own = (cluster == topic.number) & (split == ((topic.change or 0) > 0))
        if own.sum() >= 3:
            middle = float(np.median(dots.x[own])), float(np.median(dots.y[own]))
            tags.append((*middle, rank))
    return tags


def _panels(drawings: tuple[Any, Any, Any]) -> tuple[Panel, ...]:
    few, many = _LEVEL_LEGEND
    before, after, ratio = drawings
    return (
        Panel(before, "Reference", (Swatch("ref l2", few), Swatch("ref l7", many))),
        Panel(after, "Current", (Swatch("cur l2", few), Swatch("cur l7", many))),
        Panel(
            ratio,
            "Change",
            (
                Swatch("less r3", "a quarter or less"),
                Swatch("less r2", "half"),
                Swatch("same", "no sure change"),
                Swatch("more r2", "twice"),
                Swatch("more r3", "four times or more"),
            ),
        ),
    )


def _colours(
    points: Record, dots: Dots, found: Sequence[Topic], texts: Texts
) -> tuple[tuple[str, str], ...]:
    colours = [("split", "reference or current")]
    if found and np.isfinite(column(points, "cluster", dots)).any():
        colours.append(("cluster", "topic"))
    if np.isfinite(column(points, "novelty", dots)).any():
        colours.append(("novelty", "novelty"))
    if time_scale(column(points, "at", dots)) is not None:
        colours.append(("time", "time"))
    named = columns(points, dots.row, texts)
    colours += [(f"column{i}", one["name"]) for i, one in enumerate(named)]
    return tuple(colours)


def _note(raw: Record, n: int) -> str:
    return where_computed(raw, n) + " All panels share one pair of axes."


def _cluster_ranks(points: Record, dots: Dots, found: Sequence[Topic]) -> Floats:
    rank = {topic.number: float(place) for place, topic in enumerate(found[:254])}
    cluster = column(points, "cluster", dots)
    return np.array([rank.get(int(c), np.nan) if np.isfinite(c) else np.nan for c in cluster])


def _scaled(novelty: Floats) -> tuple[Floats, list[float]]:
    """Novelty in steps 0..254 between its 1st and 99th percentile, and those two."""
    known = novelty[np.isfinite(novelty)]
    if not len(known):
        return novelty, [0.0, 0.0]
    low, high = (float(end) for end in np.quantile(known, [0.01, 0.99]))
    steps = np.rint(np.clip((novelty - low) / max(high - low, 1e-12), 0, 1) * 254)
    return steps, [low, high]
