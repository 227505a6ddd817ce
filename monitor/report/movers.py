"""Which rows moved between two versions: movers with their neighbours, the maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from monitor.report.bodies import Map, Mover, Neighbour, Panel, Swatch
from monitor.report.density import SIDE, dot_drawing, square
from monitor.report.drawing import Drawing, Floats, disc, line, path
from monitor.report.drawing import dots as drawn
from monitor.report.formats import count, number, share
from monitor.report.maps import MOST_POINTS, Dots, column, floats, row_texts, spread, told
from monitor.report.packed import uint8, uint16
from monitor.report.record import Record, finite, listed
from monitor.report.texts import Texts

_MOST = 25
_STATIC_POINTS = 4000
_STEPS = 5
_NEIGHBOURS = 5
_TRAILS = 40
_MOVED = (Swatch("m1", "moved least"), Swatch("m3", "middle"), Swatch("m5", "moved most"))


def movers(run: Record, texts: Texts) -> tuple[Mover, ...]:
    """Rows whose neighbours changed most, with what they gained and lost."""
    return tuple(_mover(raw, texts) for raw in run.recs("movers")[:_MOST])


def paired_map(run: Record) -> Map | None:
    """Both versions as static maps, rows shaded by how far they moved; `None` without points."""
    pairs = _pairs(run)
    if pairs is None:
        return None
    dots, places, steps = pairs
    few = spread(len(dots), _STATIC_POINTS)
    panels = tuple(
        Panel(_dots(name, u[few], v[few], steps[few]), f"Version {name}", _MOVED)
        for name, (u, v) in zip("AB", places, strict=True)
    )
    panels += (_trails(dots, places, run.rec("map")),)
    method = run.rec("map").text("method")
    by = {"umap": "UMAP", "pca": "PCA"}.get(method or "", "2-D projection")
    note = (
        f"{by}, {count(len(dots))} rows, the two maps aligned. The verdict was computed in all "
        "dimensions, not on this map; distances on the map are not to scale."
    )
    return Map(panels, (), (("moved", "how far rows moved"),), note)


def live_pairs(run: Record, texts: Texts, budget: int) -> dict[str, Any]:
    """What the live map of two versions draws."""
    pairs = _pairs(run)
    if pairs is None:
        return {}
    dots, places, _ = pairs
    moved = column(run.rec("map"), "moved", dots)
    return {
        "panels": [{"x": uint16(u), "y": uint16(v)} for u, v in places],
        "names": ["Version A", "Version B"],
        "moved": {
            "values": uint8(_ranks(moved, 254)),
            "ends": [_edge(moved, np.nanmin), _edge(moved, np.nanmax)],
        },
        "near": _near(run.rec("map"), dots),
        "rows": row_texts(run.rec("map"), dots, texts, told(moved, budget)),
    }


def _near(raw: Record, dots: Dots) -> dict[str, Any] | None:
    """The nearest rows of each row in either version, as places among the dots; 65535 for one
    that is not drawn. `None` where the run does not tell, or of more dots than can be named."""
    sides = [_places(raw.items(key), dots) for key in ("near_a", "near_b")]
    if len(dots) >= 65_535 or any(side is None for side in sides):
        return None
    each = min(side.shape[1] for side in sides if side is not None)
    packed = [uint16(side[:, :each].ravel() / 65_535) for side in sides if side is not None]
    return {"each": each, "sides": packed} if each else None


def _places(raw: Sequence[Any], dots: Dots) -> Floats | None:
    """(dots, neighbours) places among the dots of what `raw` lists as rows of the run."""
    rows = [[finite(v) for v in listed(one)[:_NEIGHBOURS]] for one in raw]
    if len(rows) <= dots.row.max() or len({len(rows[i]) for i in dots.row}) != 1:
        return None
    place = {int(row): float(i) for i, row in enumerate(dots.row)}
    found = [[place.get(-1 if v is None else int(v), 65_535.0) for v in rows[i]] for i in dots.row]
    return np.array(found, dtype=np.float64).reshape(len(dots), -1)


def _mover(raw: Record, texts: Texts) -> Mover:
    sides = {
        side: tuple(
            Neighbour(texts.words(r.get("id"), 60), texts.row(r.get("text")) or "")
            for r in raw.recs(side)[:10]
        )
        for side in ("gained", "lost")
    }
    return Mover(
        id=texts.words(raw.get("id"), 60),
        text=texts.row(raw.get("text")) or "",
        residual=number(raw.num("residual")),
        overlap=share(raw.num("overlap")),
        gained=sides["gained"],
        lost=sides["lost"],
    )


def _pairs(run: Record) -> tuple[Dots, list[tuple[Floats, Floats]], Floats] | None:
    """The rows with a place on both maps, their places in [0, 1], and steps of `moved` 0..4."""
    raw = run.rec("map")
    a, b = raw.rec("points_a"), raw.rec("points_b")
    columns = [floats(side, key) for side in (a, b) for key in ("x", "y")]
    n = min(len(values) for values in columns)
    known = np.all([np.isfinite(values[:n]) for values in columns], axis=0) if n else np.zeros(0)
    rows = np.flatnonzero(known)
    rows = rows[spread(len(rows), MOST_POINTS)]
    if len(rows) < 2:
        return None
    x_a, y_a, x_b, y_b = (values[rows] for values in columns)
    frame = square(np.concatenate([x_a, x_b]), np.concatenate([y_a, y_b]))
    dots = Dots(x_a, y_a, rows)
    steps = _ranks(column(raw, "moved", dots), _STEPS - 1)
    return dots, [frame.places(x_a, y_a), frame.places(x_b, y_b)], steps


def _dots(name: str, u: Floats, v: Floats, steps: Floats) -> Drawing:
    groups = [(u[steps == k], v[steps == k], f"m{k + 1}") for k in range(_STEPS)]
    unknown = ~np.isfinite(steps)
    groups.insert(0, (u[unknown], v[unknown], "m0"))
    return dot_drawing(f"Rows of version {name}", f"{len(u):,} rows", groups)


def _trails(dots: Dots, places: list[tuple[Floats, Floats]], raw: Record) -> Panel:
    """Where the rows that moved farthest were in A (ring) and are in B (disc)."""
    moved = np.nan_to_num(column(raw, "moved", dots), nan=-1.0)
    first = np.argsort(-moved, kind="stable")[:_TRAILS]
    (u, v), (s, t) = places
    shapes = [path(drawn(u * SIDE, v * SIDE), "dots m0")]
    for i in first:
        start, end = (u[i] * SIDE, v[i] * SIDE), (s[i] * SIDE, t[i] * SIDE)
        shapes += [line((*start, *end), "trail"), disc(*start, 2.5, "from"), disc(*end, 2.5, "to")]
    words = f"{len(first)} rows that moved farthest on the map, from A to B"
    drawing = Drawing(SIDE, SIDE, "Trails from A to B", words, tuple(shapes))
    return Panel(drawing, "Movers", (Swatch("trail-a", "in A"), Swatch("trail-b", "in B")))


def _ranks(values: Floats, top: int) -> Floats:
    """Ranks scaled to 0..top in equal groups; `nan` stays."""
    known = np.isfinite(values)
    ranks = np.full(len(values), np.nan)
    order = np.argsort(np.argsort(values[known], kind="stable"), kind="stable")
    ranks[known] = np.floor(order * (top + 1) / max(len(order), 1))
    return ranks


def _edge(values: Floats, pick: Any) -> float | None:
    return finite(float(pick(values))) if np.isfinite(values).any() else None
