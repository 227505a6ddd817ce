"""Run JSON -> Page: which kind of page a run makes, and pages of several runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from monitor.errors import UsageError
from monitor.report.audit import audit_chapter
from monitor.report.check import check_chapter
from monitor.report.compare import compare_chapter
from monitor.report.glossary import guide
from monitor.report.links import file_name
from monitor.report.maps import MOST_TEXTS
from monitor.report.page import Chapter, Page
from monitor.report.record import Record
from monitor.report.replay import replay_chapter
from monitor.report.status import status_chapter
from monitor.report.texts import Texts

_CHAPTERS: Mapping[str, Callable[[Record, str, Texts, int], Chapter]] = {
    "embmon/check/1": check_chapter,
    "embmon/drift/1": check_chapter,
    "embmon/compare/1": compare_chapter,
    "embmon/audit/1": audit_chapter,
    "embmon/replay/1": replay_chapter,
    "embmon/status/1": status_chapter,
}
DEMO = "embmon/demo/1"
_MOST_PARTS = 12
_FOLDED = {"measures", "upgrade", "detectors", "examples", "quality", "alerts", "provenance"}
"""Sections that pages of several chapters show closed."""


def page_of(run: Mapping[str, Any], texts: Texts) -> Page:
    """The page of a run. Raises UsageError where its schema is unknown or it holds no run."""
    whole = Record(_object(run, "the run"))
    schema = whole.text("schema")
    made_by = f"embedding-monitor {texts.words(whole.get('tool_version'), 40)}".strip()
    if schema == DEMO:
        chapters = _parts(whole, texts)
        words = dict(pair for kind in ("check", "compare") for pair in guide(kind))
        title = texts.words(whole.get("title"), 120) or "Demo"
        return Page(
            title,
            "demo",
            texts.words(whole.get("text"), 1000),
            made_by,
            chapters,
            guide=tuple(words.items()),
        )
    chapter = _chapter(whole, "run", texts, MOST_TEXTS)
    title = f"{chapter.banner.word}: {chapter.title}"
    before = file_name(whole.get("report_before"))
    above = file_name(whole.get("report_index"))
    return Page(title, chapter.kind, "", made_by, (chapter,), before, above)


def _parts(whole: Record, texts: Texts) -> tuple[Chapter, ...]:
    parts = whole.recs("parts")
    if not 1 <= len(parts) <= _MOST_PARTS:
        raise UsageError(
            f"a page of {DEMO} needs 1 to {_MOST_PARTS} parts, this has {len(parts)}",
            'give "parts": [{"title": …, "text": …, "run": {…}}]',
        )
    return tuple(_part(part, i, texts, MOST_TEXTS // len(parts)) for i, part in enumerate(parts, 1))


def _part(part: Record, place: int, texts: Texts, budget: int) -> Chapter:
    """A part is {title, text, run}; a bare run is taken as it is."""
    raw = part.get("run") if part.get("run") is not None else part.raw
    run = Record(_object(raw, f"part {place}"))
    chapter = _chapter(run, f"part{place}", texts, budget)
    heading = texts.words(part.get("title"), 120) or chapter.title
    sections = tuple(replace(s, folded=s.name in _FOLDED) for s in chapter.sections)
    return replace(
        chapter,
        heading=heading,
        text=texts.words(part.get("text"), 1000),
        sections=tuple(section for section in sections if section.name != "guide"),
    )


def _chapter(run: Record, key: str, texts: Texts, budget: int) -> Chapter:
    schema = run.get("schema")
    known = _CHAPTERS.get(schema) if isinstance(schema, str) else None
    if known is None:
        raise UsageError(
            f"no page can be made of schema {schema!r}",
            f"give run JSON of {', '.join([*_CHAPTERS, DEMO])}",
        )
    return known(run, key, texts, budget)


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UsageError(
            f"{what} is a {type(value).__name__}, not a JSON object",
            "give the JSON that check, drift or compare print with --json",
        )
    return value
