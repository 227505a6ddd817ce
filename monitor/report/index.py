"""The list of a space's reports: one page that links to them, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.report.drawing import Drawing, Shape, box, path
from monitor.report.formats import day, number, plural, typeset
from monitor.report.glossary import VERDICTS
from monitor.report.links import file_name, listed
from monitor.report.record import Record
from monitor.report.render import filled
from monitor.report.story import page_of
from monitor.report.texts import Texts, clean, texts_of
from monitor.report.written import write_page

MOST_LISTED = 1000
"""Reports that a list shows, the newest."""
_STRIP_FEWEST, _STRIP_MOST = 8, 120
_STEP, _TALL = 9, 30
_HEIGHTS = {"drift": 26, "warn": 17, "ok": 8}


@dataclass(frozen=True)
class IndexEntry:
    """One report of the list.

    file: the page's plain name in the same folder. verdict: its word in run JSON. title, window,
    sentence: as the page says it. made_at: when the run started.
    """

    file: str
    verdict: str
    title: str
    window: str = ""
    sentence: str = ""
    score: float | None = None
    threshold: float | None = None
    made_at: datetime | None = None


@dataclass(frozen=True)
class IndexRow:
    """An entry as the list shows it, all text."""

    file: str
    word: str
    tone: str
    title: str
    window: str
    sentence: str
    score: str
    alarm: str
    made: str


def index_entry(
    run: Mapping[str, Any], file: str, *, examples: str = "truncate", redact: Sequence[str] = ()
) -> IndexEntry:
    """The entry of a run whose page is `file`. Raises UsageError as `render` does."""
    texts = texts_of(examples, redact)
    page = page_of(run, texts)
    chapter, whole = page.chapters[-1], Record(run)
    windows = whole.recs("windows")
    focus = windows[-1] if windows else whole
    parts = chapter.subtitle.split(" · ")
    window = next((part.removeprefix("window ") for part in parts if "window " in part), "")
    return IndexEntry(
        file=file,
        verdict=_verdict(focus, chapter.banner.word, texts),
        title=page.title if page.kind == "demo" else chapter.title,
        window=window,
        sentence=page.intro if page.kind == "demo" else chapter.banner.sentence,
        score=focus.num("score"),
        threshold=focus.num("threshold"),
        made_at=whole.at("started_at"),
    )


def render_index(
    folder: Path,
    entries: Sequence[IndexEntry],
    title: str = "Reports",
    *,
    over_time: bool = True,
    beside: str = "",
    older: int = 0,
) -> Path:
    """Writes `folder/index.html`, a list of `entries` in their order; returns its path.

    over_time: whether the entries are one space's over time, the newest first; else each is the
    latest of a space. beside: the page in the same folder on how things stand now. older: reports
    that are not among the entries. An empty list gives a page that says so. Raises UsageError for a
    file that is neither a plain .html name nor FOLDER/index.html.
    """
    shown = entries[:MOST_LISTED]
    for entry in shown:
        if not listed(entry.file):
            raise UsageError(
                f"{entry.file!r} cannot be listed as a report",
                "give the plain name of a .html file in the same folder",
            )
    rows = tuple(_row(entry) for entry in shown)
    out = folder / "index.html"
    values = {
        "title": clean(title),
        "caption": "Reports, newest first" if over_time else "Spaces, each by its latest verdict",
        "head": "report" if over_time else "space",
        "rows": rows,
        "strip": _strip(shown) if over_time else None,
        "note": _note(older + len(entries) - len(shown)),
        "beside": file_name(beside),
    }
    write_page(out, filled("index.html.j2", None, False, **values))
    return out


def _verdict(focus: Record, word: str, texts: Texts) -> str:
    known = focus.text("verdict")
    if known in VERDICTS:
        return known or ""
    return next((key for key, (shown, _) in VERDICTS.items() if shown == word), "")


def _row(entry: IndexEntry) -> IndexRow:
    word, tone = VERDICTS.get(entry.verdict, ("No verdict", "insufficient"))
    beside = f"alarm from {number(entry.threshold)}" if entry.threshold is not None else ""
    return IndexRow(
        file=entry.file,
        word=word,
        tone=tone,
        title=clean(entry.title),
        window=clean(entry.window),
        sentence=typeset(clean(entry.sentence, 400)),
        score=number(entry.score),
        alarm=beside,
        made=day(entry.made_at),
    )


def _strip(entries: Sequence[IndexEntry]) -> Drawing | None:
    """Verdicts over time, oldest first, by height as well as colour."""
    oldest_first = entries[:_STRIP_MOST][::-1]
    if len(oldest_first) < _STRIP_FEWEST:
        return None
    shapes: list[Shape] = []
    for place, entry in enumerate(oldest_first):
        tone = VERDICTS.get(entry.verdict, ("", "insufficient"))[1]
        tall = _HEIGHTS.get(tone, 4)
        style = f"v-{tone}" if tone in _HEIGHTS else "v-none"
        shapes.append(box((place * _STEP, _TALL - tall), (_STEP - 2, tall), style))
    width = _STEP * len(oldest_first)
    shapes.append(path(f"M0 {_TALL}H{width}", "axis"))
    drifted = sum(entry.verdict in ("drift", "breaking") for entry in oldest_first)
    words = f"{plural(len(oldest_first), 'report')}, oldest first; {drifted} with drift"
    return Drawing(_STEP * _STRIP_MOST, _TALL + 2, "Verdicts", words, tuple(shapes))


def _note(hidden: int) -> str:
    return f"{plural(hidden, 'older report')} not listed." if hidden > 0 else ""
