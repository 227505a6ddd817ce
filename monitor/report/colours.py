"""What the dots of the live map can be coloured by, beside split, topic and novelty."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from monitor.report.drawing import Floats
from monitor.report.formats import moment_text, span
from monitor.report.packed import uint8
from monitor.report.record import Record
from monitor.report.texts import Texts

_MOST_WINDOWS = 254
_MOST_COLUMNS = 4
_MOST_VALUES = 8


def time_scale(at: Floats) -> dict[str, Any] | None:
    """Times (seconds since 1970) in steps 0..254 between the first and the last, and those two in
    words; `None` without two times."""
    known = at[np.isfinite(at)]
    if not len(known) or known.max() <= known.min():
        return None
    low, high = float(known.min()), float(known.max())
    steps = np.rint((at - low) / (high - low) * 254)
    return {"values": uint8(steps), "ends": [moment_text(low), moment_text(high)]}


def window_codes(at: Floats, focus: Record) -> dict[str, Any] | None:
    """For each of the times its window among those that hold any, on the grid of the window in
    `focus`, and the windows in words; `None` below two. Of very many, neighbours are one."""
    start, end = focus.at("start"), focus.at("end")
    known = np.isfinite(at)
    if start is None or end is None or end <= start or not known.any():
        return None
    length, first = (end - start).total_seconds(), start.timestamp()
    while len(held := np.unique(np.floor((at[known] - first) / length))) > _MOST_WINDOWS:
        length *= 2
    if len(held) < 2:
        return None
    codes = np.full(len(at), np.nan)
    codes[known] = np.searchsorted(held, np.floor((at[known] - first) / length))
    ends = [(first + k * length, first + (k + 1) * length) for k in held.tolist()]
    names = [span(*(datetime.fromtimestamp(t, UTC) for t in pair)) for pair in ends]
    return {"values": uint8(codes), "names": names}


def columns(points: Record, rows: Any, texts: Texts) -> list[dict[str, Any]]:
    """The columns of few values: their name, the values' names, and for each of the `rows` the
    place of its value among them."""
    found = []
    for raw in points.recs("columns")[:_MOST_COLUMNS]:
        names = [texts.words(name, 60) or "–" for name in raw.items("names")[:_MOST_VALUES]]
        values = np.array([np.nan if v is None else v for v in raw.nums("values")])
        if not names or not len(rows) or len(values) <= rows.max():
            continue
        places = np.where(values[rows] < len(names), values[rows], np.nan)
        title = texts.words(raw.get("name"), 60) or "column"
        found.append({"name": title, "names": names, "values": uint8(places)})
    return found
