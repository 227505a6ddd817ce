"""The map of an audited index: its rows, coloured by what was found."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.report.bodies import Map, Panel, Swatch
from monitor.report.colours import columns
from monitor.report.density import dot_drawing, square
from monitor.report.drawing import Floats
from monitor.report.formats import count
from monitor.report.maps import Dots, column, dots_of, row_texts, told, where_computed
from monitor.report.packed import uint16
from monitor.report.record import Record
from monitor.report.texts import Texts

_FEWEST = 3
_PANELS = 3
_REST = "nothing found"


def findings_map(run: Record, texts: Texts) -> Map | None:
    """The static map by finding and by columns, and what the live one can be coloured by; `None`
    without points."""
    raw = run.rec("map")
    points = raw.rec("points")
    dots = dots_of(points)
    named = _named(points, dots, texts)
    if len(dots) < _FEWEST or not named:
        return None
    raws = points.recs("columns")
    panels = tuple(
        _panel(dots, column(raws[i], "values", dots), named[i]) for i in range(len(named))
    )
    colours = tuple((f"column{i}", one["name"]) for i, one in enumerate(named))
    return Map(panels[:_PANELS], (), colours, _note(raw, len(dots)))


def live_findings(run: Record, texts: Texts, budget: int) -> dict[str, Any]:
    """What the live map draws; texts for at most `budget` rows, those of findings first."""
    points = run.rec("map").rec("points")
    dots = dots_of(points)
    u, v = square(dots.x, dots.y).places(dots.x, dots.y)
    wrong = np.isfinite(_codes(points, dots)).astype(np.float64)
    return {
        "panels": [{"x": uint16(u), "y": uint16(v)}],
        "columns": _named(points, dots, texts),
        "rows": row_texts(points, dots, texts, told(wrong, budget)),
    }


def _named(points: Record, dots: Dots, texts: Texts) -> list[dict[str, Any]]:
    """The findings, as a column, and the columns of the index."""
    found = columns(points, dots.row, texts)
    return [{**one, "rest": _REST} if i == 0 else one for i, one in enumerate(found)]


def _panel(dots: Dots, codes: Floats, named: dict[str, Any]) -> Panel:
    """One colour a name; the rest lies below, the first names on top."""
    u, v = square(dots.x, dots.y).places(dots.x, dots.y)
    shown = [k for k in range(len(named["names"])) if (codes == k).any()]
    rest = ~np.isin(codes, shown)
    groups = [(u[rest], v[rest], "m0")]
    groups += [(u[codes == k], v[codes == k], f"f{k + 1}") for k in reversed(shown)]
    legend = [
        Swatch(f"f{k + 1}", f"{named['names'][k]}: {count(int((codes == k).sum()))}") for k in shown
    ]
    if rest.any():
        legend.append(Swatch("m0", f"{named.get('rest', 'other')}: {count(int(rest.sum()))}"))
    drawing = dot_drawing(f"Rows by {named['name']}", f"{len(dots):,} rows", groups)
    return Panel(drawing, named["name"].capitalize(), tuple(legend))


def _codes(points: Record, dots: Dots) -> Floats:
    """For each dot the place of its finding, `nan` for none."""
    first = points.recs("columns")[:1]
    return column(first[0], "values", dots) if first else np.full(len(dots), np.nan)


def _note(raw: Record, n: int) -> str:
    lost = raw.num("without_place")
    away = f" {count(lost)} rows that are zero or not finite have no place." if lost else ""
    return (
        f"{where_computed(raw, n)} Rows that were found are drawn more often than others, half of "
        f"all at most.{away}"
    )
