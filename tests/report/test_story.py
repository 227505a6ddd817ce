"""Run JSON to Page: what is said, and that no gap in a run breaks a page."""

from __future__ import annotations

import copy
import dataclasses
import math
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.report.bodies import Cause, Measure, Places
from monitor.report.glossary import MEANINGS
from monitor.report.page import Banner, Chapter, Page, Table
from monitor.report.render import page_html
from monitor.report.story import page_of
from monitor.report.texts import texts_of
from tests.report.stored import KINDS, thinned

TEXTS = texts_of("truncate", ())
TIE = "\u00a0"


def _page(run: dict[str, Any]) -> Page:
    return page_of(run, TEXTS)


def _banner(run: dict[str, Any]) -> Banner:
    return _page(run).chapters[0].banner


def _window(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The run with its window changed."""
    return {**run, "windows": [{**run["windows"][-1], **changes}]}


def test_drift_is_said_with_size_place_and_beginning(runs: dict[str, Any]) -> None:
    """One sentence tells what changed, how much, and since when."""
    banner = _banner(runs["check"])
    assert (banner.word, banner.tone) == ("Drift", "drift")
    assert banner.sentence.replace(TIE, " ") == (
        "annual-messages changed: 30.0 % of rows moved to other topics, most of all “housing, "
        "program, medical, health” (7.5 % → 22.9 %), since 1 Jan 1974."
    )
    assert [(fact.question, fact.answer) for fact in banner.facts] == [
        ("Did it drift?", "Yes"),
        ("Since when?", "1 Jan 1974"),
        ("Which part?", "“housing, program, medical, health”"),
        ("How sure?", "p = 6.3 × 10⁻⁵"),
    ]
    assert [step.section for step in banner.steps] == ["places", "examples", "map"]


def test_tables_lead_where_no_topic_changed(runs: dict[str, Any]) -> None:
    """An app with the wrong setting: what grew stands first, then segments with what changed."""
    run = runs["check"]
    run["windows"][-1]["effect"] = {"tv_clusters": 0.0, "residual_ratio": 1.5, "auc": 0.6}
    run["windows"][-1]["clusters"] = []
    segment = {"segment": "country=fr", "rows": 90, "drifted": True, "verdict": "drift"}
    run["windows"][-1]["segments"] = [{**segment, "effect": {"auc": 0.56}}]
    page = _page(run)
    assert page.chapters[0].banner.sentence.replace(TIE, " ") == (
        "annual-messages changed: rows lie 50.0 % farther from known topics than before, and kind "
        "= spoken grew from 71.0 % to 100 % of rows, since 1 Jan 1974."
    )
    (body,) = [one for one in _parts(page) if isinstance(one, Places)]
    assert body.tables_first
    assert [one.caption for one in body.tables[:2]] == ["Values of kind", "Segments"]
    changed = body.tables[1].rows[0][2].text
    assert changed == "a linear rule tells these rows from usual ones with AUC 0.56"


_PLAIN = {
    *("rows", "pairs", "dimensions", "in both", "only here", "share", "value", "change"),
    *("reference", "current", "before", "after", "windows that changed"),
    *("cosine in A", "cosine in B", "directions of A", "directions of B"),
}
"""Heads of columns that say what they are by themselves."""


def test_a_p_value_is_not_told_twice(runs: dict[str, Any]) -> None:
    """Where a column's test has no other statistic, that cell is empty."""
    test = {"test": "K-S p_value", "statistic": 1.1e-7, "p_value": 8.8e-7}
    columns = [{"name": "length of text", "drifted": True, **test}]
    found = _section(_page({**runs["drift"], "columns": columns}).chapters[0], "places").tables
    (row,) = next(one for one in found if one.caption == "Columns").rows
    assert [cell.text for cell in row[2:]] == ["K-S", "–", "8.8 × 10⁻⁷"]


@pytest.mark.parametrize("name", KINDS)
def test_every_statistic_says_what_it_is(name: str, runs: dict[str, Any]) -> None:
    """Each column of numbers and each measure has its line of help, or is plain by its name."""
    found = list(_parts(_page(runs[name])))
    heads = {head for t in found if isinstance(t, Table) for head, number in t.heads if number}
    assert heads - _PLAIN - MEANINGS.keys() == set()
    assert [m.name for m in found if isinstance(m, Measure) and not m.help] == []
    assert [c.name for c in found if isinstance(c, Cause) and not c.meaning] == []


def _parts(value: Any) -> Iterator[Any]:
    """Every dataclass within a page."""
    if dataclasses.is_dataclass(value):
        yield value
        value = [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, tuple | list):
        for one in value:
            yield from _parts(one)


@pytest.mark.parametrize(
    ("verdict", "word", "answer", "sentence"),
    [
        ("ok", "OK", "No", "annual-messages looks like its reference. This check would notice"),
        ("warn", "Warning", "Not surely", "annual-messages is moving, not enough for an alarm:"),
        ("calibrating", "Calibrating", "Not known", "annual-messages is not judged yet:"),
        ("insufficient", "Too few rows", "Not known", "140 rows: too few usable rows to decide."),
        (None, "No verdict", "Not known", "annual-messages has no verdict in this run."),
    ],
)
def test_each_verdict_has_its_words(
    runs: dict[str, Any], verdict: str | None, word: str, answer: str, sentence: str
) -> None:
    """Too little data is never told as "no drift"."""
    banner = _banner(_window(runs["check"], verdict=verdict, incident=None))
    assert (banner.word, banner.facts[0].answer) == (word, answer)
    part = banner.facts[2].answer
    assert part == {"OK": "None", "Warning": "“housing, program, medical, health”"}.get(
        word, answer
    )
    assert banner.sentence.startswith(sentence)


def test_a_topic_that_spread_out_is_named(runs: dict[str, Any]) -> None:
    """Where no share is flagged, no column and no segment: the one whose rows lie elsewhere."""
    known = {"drifted": False, "radius_drifted": False, "radius_ratio": 1.0}
    clusters = [{**one, **known} for one in runs["drift"]["clusters"]]
    clusters[1] |= {"label": "rice", "radius_drifted": True, "radius_ratio": 1.2}
    fact = _banner({**runs["drift"], "clusters": clusters, "columns": [], "segments": []}).facts[2]
    assert (fact.question, fact.answer) == ("Which part?", "“rice”")
    assert fact.detail.replace(TIE, " ") == "its rows lie elsewhere: 20.0 % wider"


def test_bad_rows_are_named_before_topics(runs: dict[str, Any]) -> None:
    """Rows without vectors explain many drifts, so they come first."""
    quality = {"rows": 200, "null": 30, "nan": 0, "inf": 0, "zero": 0, "wrong_dim": 0}
    banner = _banner(_window(runs["check"], quality=quality))
    assert "15.0 % of its rows have no usable vector" in banner.sentence.replace(TIE, " ")
    assert banner.steps[0].section == "quality"


def test_a_drift_of_two_sources_has_no_trend(runs: dict[str, Any]) -> None:
    """Without history the page asks how big instead of since when."""
    chapter = _page(runs["drift"]).chapters[0]
    assert chapter.title == "october.parquet against march.parquet"
    assert [fact.question for fact in chapter.banner.facts][1] == "How big?"
    assert "trend" not in [section.name for section in chapter.sections]


def test_a_comparison_leads_with_its_diagnosis(runs: dict[str, Any]) -> None:
    """Diagnosis, then measures, movers, upgrade, maps."""
    chapter = _page(runs["compare"]).chapters[0]
    names = [section.name for section in chapter.sections]
    order = ["diagnosis", "measures", "movers", "upgrade", "map", "provenance", "guide"]
    assert names == order
    assert chapter.banner.facts[0].answer == "No"


def test_small_segments_are_held_back(runs: dict[str, Any]) -> None:
    """Segments of fewer than 20 rows could tell on single people."""
    tables = _section(_page(runs["check"]).chapters[0], "places").tables
    segments = next(table for table in tables if table.caption == "Segments")
    assert [row[0].text for row in segments.rows] == ["party = Democratic"]
    assert segments.note == "1 with fewer than 20 rows not shown."


def test_a_demo_tells_its_parts_in_order(runs: dict[str, Any]) -> None:
    """Each part is a chapter under its own heading and anchors."""
    chapters = _page(runs["demo"]).chapters
    headings = ["Speeches over the years", "Another pooling", "Two files"]
    assert [chapter.heading for chapter in chapters] == headings
    assert [chapter.key for chapter in chapters] == ["part1", "part2", "part3"]


def test_an_unknown_schema_is_refused(runs: dict[str, Any]) -> None:
    """The message names the schema and those that a page is made of."""
    with pytest.raises(UsageError) as caught:
        _page({**runs["check"], "schema": "embmon/check/9"})
    assert caught.value.message == "no page can be made of schema 'embmon/check/9'"
    assert caught.value.hint == (
        "give run JSON of embmon/check/1, embmon/drift/1, embmon/compare/1, "
        "embmon/audit/1, embmon/replay/1, embmon/status/1, embmon/demo/1"
    )


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ([], "the run is a list, not a JSON object"),
        ({"schema": "embmon/demo/1", "parts": [{"run": 3}]}, "part 1 is a int, not a JSON object"),
        ({"schema": "embmon/demo/1"}, "a page of embmon/demo/1 needs 1 to 12 parts, this has 0"),
        ({"schema": ["x"]}, "no page can be made of schema ['x']"),
    ],
)
def test_what_is_no_run_is_refused(run: Any, message: str) -> None:
    """The message says what was given instead."""
    with pytest.raises(UsageError) as caught:
        _page(run)
    assert caught.value.message == message


@pytest.mark.parametrize("name", KINDS)
def test_a_run_of_nothing_but_a_schema_is_a_page(name: str) -> None:
    """Nothing known is still said, with dashes instead of numbers."""
    page = _page({"schema": f"embmon/{name}/1"})
    word = {"replay": "No rate", "status": "Nothing judged"}.get(name, "No verdict")
    assert page.chapters[0].banner.word == word
    assert word in page_html(page)


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("junk", [None, "x", -1, [], {}, True, math.nan, 1e308, [None], [[{}]]])
def test_any_value_may_be_anything(name: str, junk: Any, runs: dict[str, Any]) -> None:
    """Each place of a run in turn holds junk; a page is made every time."""
    run = thinned(runs[name], points=12)
    places = list(_places(run, ()))
    for place in random.Random(0).sample(places, min(12, len(places))):
        if place != ("schema",):
            assert _page(_with(run, place, junk)).chapters


@pytest.mark.parametrize("name", KINDS)
def test_any_key_may_be_missing(name: str, runs: dict[str, Any]) -> None:
    """Each key at the top or in the window is left out in turn; one page of all renders."""
    run = thinned(runs[name], points=12)
    made = [{k: v for k, v in run.items() if k != key} for key in run if key != "schema"]
    for key in run["windows"][-1] if name == "check" else ():
        window = {k: v for k, v in run["windows"][-1].items() if k != key}
        made.append({**run, "windows": [window]})
    pages = [_page(one) for one in made]
    chapters = tuple(chapter for page in pages for chapter in page.chapters)
    assert "</html>" in page_html(replace(pages[0], kind="demo", chapters=chapters))


def _section(chapter: Chapter, name: str) -> Any:
    return next(section.body for section in chapter.sections if section.name == name)


def _places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value[:2]):
            yield from _places(item, (*path, i))


def _with(run: dict[str, Any], place: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    found = copy.deepcopy(run)
    at: Any = found
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = junk
    return found
