"""The trend as numbers: one point a window, in order of time, with incidents and marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby, pairwise

from monitor.report.record import Record, finite
from monitor.report.texts import Texts


@dataclass(frozen=True)
class Point:
    """One window of the trend. level: the distance to the launch snapshot, if known; judged_by:
    names the reference and the rule; covered: share of the rows that an item of the corpus is
    near; segments: p and whether it changed, by segment."""

    start: datetime
    end: datetime
    rows: float | None
    score: float | None
    threshold: float | None
    p_value: float | None
    verdict: str
    incident: bool
    level: float | None
    judged_by: str
    covered: float | None
    segments: Mapping[str, tuple[float, bool]]

    @property
    def middle(self) -> float:
        """The middle of the window, in seconds since 1970."""
        return (self.start.timestamp() + self.end.timestamp()) / 2


@dataclass(frozen=True)
class Mark:
    """An event marked on the trend, e.g. a deploy."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Series:
    """The trend's points by time, and the marks within their span.

    shown: place of the window that the page is about. reference: first and last moment of the
    reference where it lies within the trend, in seconds since 1970.
    """

    points: tuple[Point, ...]
    marks: tuple[Mark, ...]
    shown: int
    reference: tuple[float, float] | None

    @property
    def ends(self) -> tuple[float, float]:
        """First start and last end, in seconds since 1970."""
        return self.points[0].start.timestamp(), max(p.end.timestamp() for p in self.points)

    def changes(self) -> list[float]:
        """Where another reference or rule began to judge, in seconds since 1970."""
        named = [p for p in self.points if p.judged_by]
        return [b.start.timestamp() for a, b in pairwise(named) if a.judged_by != b.judged_by]

    def incidents(self) -> list[tuple[float, float]]:
        """Start and end of each run of windows in an incident, in seconds since 1970."""
        runs = [list(run) for open_, run in groupby(self.points, lambda p: p.incident) if open_]
        return [(run[0].start.timestamp(), run[-1].end.timestamp()) for run in runs]


def series(run: Record, texts: Texts) -> Series | None:
    """The trend of a run, from its `trend` or else from its windows; `None` below two points."""
    raw = run.recs("trend") or [_as_trend(window) for window in run.recs("windows")]
    points = sorted((p for r in raw if (p := _point(r, texts)) is not None), key=lambda p: p.start)
    if len(points) < 2:
        return None
    found = Series(tuple(points), (), _shown(run, points), None)
    return replace(
        found,
        marks=_marks(run.recs("marks"), found.ends, texts),
        reference=_reference(run.rec("reference"), found.ends),
    )


def _shown(run: Record, points: Sequence[Point]) -> int:
    windows = run.recs("windows")
    start = windows[-1].rec("window").at("start") if windows else None
    return next((i for i, p in enumerate(points) if p.start == start), len(points) - 1)


def _reference(raw: Record, ends: tuple[float, float]) -> tuple[float, float] | None:
    start, end = raw.at("from"), raw.at("to")
    if start is None or end is None:
        return None
    low, high = max(start.timestamp(), ends[0]), min(end.timestamp(), ends[1])
    return (low, high) if low < high else None


def _as_trend(window: Record) -> Record:
    place = window.rec("window")
    rows = window.rec("quality").get("rows")
    incident = bool(window.rec("incident"))
    ends = {"start": place.get("start"), "end": place.get("end")}
    return Record({**window.raw, **ends, "rows": rows, "incident": incident})


def _point(raw: Record, texts: Texts) -> Point | None:
    start = raw.at("start")
    if start is None:
        return None
    end = raw.at("end")
    return Point(
        start=start,
        end=end if end is not None and end > start else start + timedelta(seconds=1),
        rows=raw.num("rows"),
        score=raw.num("score"),
        threshold=raw.num("threshold"),
        p_value=raw.num("p_value"),
        verdict=raw.text("verdict") or "",
        incident=raw.flag("incident"),
        level=raw.num("level"),
        judged_by=raw.text("judged_by") or "",
        covered=raw.num("covered"),
        segments=_segments(raw.rec("segments"), texts),
    )


def _segments(raw: Record, texts: Texts) -> dict[str, tuple[float, bool]]:
    """Written `name: [p, changed]`; what is not is left out."""
    found = {}
    for name, _ in raw.pairs():
        values = raw.items(name)
        p = finite(values[0]) if len(values) == 2 else None
        if p is not None and 0 <= p <= 1:
            found[texts.words(name, 60) or "–"] = (p, values[1] is True)
    return found


def _marks(raw: Sequence[Record], ends: tuple[float, float], texts: Texts) -> tuple[Mark, ...]:
    low, high = ends
    found = [(at, texts.words(r.get("text"), 80)) for r in raw if (at := r.at("at")) is not None]
    inside = sorted((at, text) for at, text in found if low <= at.timestamp() <= high)
    return tuple(Mark(at, text) for at, text in inside[-20:])
