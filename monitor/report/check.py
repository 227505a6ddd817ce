"""The chapter of a check or of a drift of two sources, section by section."""

from __future__ import annotations

from typing import Any

from monitor.report.bodies import Trend
from monitor.report.charts import ceiling, trend_drawing
from monitor.report.focus import Focus
from monitor.report.formats import count, day, number, plural, probability, short_source, span
from monitor.report.glossary import VERDICTS, guide
from monitor.report.headline import banner, rows_text, subject
from monitor.report.maps import density_map, live_map
from monitor.report.page import Chapter, Section
from monitor.report.places import places
from monitor.report.record import Record
from monitor.report.samples import example_groups
from monitor.report.segments import segments_over_time
from monitor.report.series import Series, series
from monitor.report.tables import alerts, coverage, detectors, provenance, quality, trend_table
from monitor.report.texts import Texts
from monitor.report.topics import topics

_WIDE, _NARROW = (1000, 270), (380, 230)


def check_chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    """A check or drift as a chapter; `budget` rows at most tell their text on the live map."""
    windows = run.recs("windows")
    window = windows[-1] if windows else run
    focus = Focus(run, window, topics(window, texts), texts)
    trend = None if focus.two_samples else series(run, texts)
    sections = _sections(focus, trend)
    names = [section.name for section in sections]
    data: dict[str, Any] = {}
    if trend is not None:
        data["trend"] = live_trend(trend)
    if "map" in names:
        data["map"] = live_map(focus, budget)
    kind = "drift" if focus.two_samples else "check"
    return Chapter(
        key=key,
        kind=kind,
        heading="",
        title=_title(focus),
        subtitle=_subtitle(focus),
        text="",
        banner=banner(focus, names),
        warnings=tuple(texts.words(w) for w in run.items("warnings")[:20] if w),
        sections=sections,
        data=data,
    )


def live_trend(trend: Series) -> dict[str, Any]:
    """What the live trend draws: times in milliseconds, numbers, and each window in words."""
    points = trend.points
    return {
        "at": [round(p.middle * 1000) for p in points],
        "ends": [
            [round(p.start.timestamp() * 1000), round(p.end.timestamp() * 1000)] for p in points
        ],
        "score": [p.score for p in points],
        "threshold": [p.threshold for p in points],
        "level": [p.level for p in points],
        "verdict": [p.verdict for p in points],
        "ceiling": ceiling(trend),
        "shown": trend.shown,
        "reference": trend.reference and [round(at * 1000) for at in trend.reference],
        "incidents": [[round(a * 1000), round(b * 1000)] for a, b in trend.incidents()],
        "changes": [round(at * 1000) for at in trend.changes()],
        "marks": [[round(m.at.timestamp() * 1000), str(i)] for i, m in enumerate(trend.marks, 1)],
        "words": [
            f"{span(p.start, p.end)}: {VERDICTS.get(p.verdict, ('no verdict', ''))[0]}, "
            f"score {number(p.score)}, alarm level {number(p.threshold)}, "
            f"p {probability(p.p_value)}" + (f", {count(p.rows)} rows" if p.rows else "")
            for p in points
        ],
    }


def _title(focus: Focus) -> str:
    if focus.two_samples:
        said = [focus.texts.words(i.get("source"), 200) for i in focus.run.recs("inputs")[:2]]
        sources = [short_source(one) for one in said]
        return " against ".join(reversed(sources)) if len(sources) == 2 else "Drift of two sources"
    return subject(focus)


def _subtitle(focus: Focus) -> str:
    run, place = focus.run, focus.window.rec("window")
    space = focus.texts.words(run.get("space"), 64)
    parts = [
        f"space {space}" if space and space != subject(focus) else "",
        f"window {span(place.at('start'), place.at('end'))}" if place.at("start") else "",
        rows_text(focus.window) if focus.window.rec("quality") else "",
        f"made {day(run.at('started_at'))}" if run.at("started_at") else "",
    ]
    return " · ".join(part for part in parts if part)


def _sections(focus: Focus, trend: Series | None) -> tuple[Section, ...]:
    run, window, texts = focus.run, focus.window, focus.texts
    kind = "drift" if focus.two_samples else "check"
    bodies = (
        ("trend", "Trend", None if trend is None else trend_body(trend)),
        ("places", "Where it changed", places(focus)),
        ("segments", "Segments over time", None if trend is None else segments_over_time(trend)),
        ("map", "Map", density_map(run, focus.topics, texts)),
        ("detectors", "Detectors", detectors(window, texts)),
        ("examples", "Examples", example_groups(run, focus.topics, texts)),
        ("coverage", "Coverage", coverage(window)),
        ("quality", "Data quality", quality(window)),
        ("alerts", "Alerts", alerts(run, texts)),
        ("provenance", "Provenance", provenance(run, texts)),
        ("guide", "How to read this", guide(kind)),
    )
    return tuple(
        Section(name, title, _LEADS.get(name, ""), body) for name, title, body in bodies if body
    )


_LEADS = {
    "trend": "The score of each window against the level at which an alarm is raised.",
    "places": "Which topics grew, shrank or spread out, and in which segments and columns.",
    "segments": "Which of the segments moved, and when. Exploratory.",
    "map": "Where rows are dense: first the reference, then the current window, then their ratio.",
    "detectors": "What each detector measured. They are combined into the one score above.",
    "examples": "Rows to read first.",
    "coverage": "How many rows ask for what the corpus has. It raises no alarm by itself.",
    "quality": "Rows that carry no usable vector are set aside and counted here.",
    "alerts": "Which alerts this run touched and what became of their messages.",
    "provenance": "Versions, settings, seeds and digests: what it takes to make this page again.",
}


def trend_body(trend: Series) -> Trend:
    """The trend section: two static drawings, marks, and the same as a table."""
    text = _trend_words(trend)
    marks = tuple((str(i), day(m.at), m.text) for i, m in enumerate(trend.marks, 1))
    wide, narrow = (trend_drawing(trend, size, text) for size in (_WIDE, _NARROW))
    return Trend(wide, narrow, _keys(trend), marks, trend_table(trend), _clipped(trend))


def _keys(trend: Series) -> tuple[str, ...]:
    """What of the trend's signs is drawn, in the order of the legend."""
    words = {point.verdict for point in trend.points}
    drawn = {
        **{word: word in words for word in ("ok", "warn", "drift")},
        "threshold": any(point.threshold is not None for point in trend.points),
        "incident": bool(trend.incidents()),
        "changed": bool(trend.changes()),
    }
    return tuple(key for key, known in drawn.items() if known)


def _trend_words(trend: Series) -> str:
    points = trend.points
    over = sum(p.verdict == "drift" for p in points)
    shown = points[trend.shown]
    return (
        f"{plural(len(points), 'window')} from {day(points[0].start)}; {plural(over, 'window')} "
        f"with drift; {span(shown.start, shown.end)} scores {number(shown.score)}, "
        f"alarm level {number(shown.threshold)}."
    )


def _clipped(trend: Series) -> str:
    high = ceiling(trend)
    above = sum(p.score is not None and p.score > high for p in trend.points)
    if not above:
        return ""
    return f"{plural(above, 'score')} above {number(high)} drawn at the top edge."
