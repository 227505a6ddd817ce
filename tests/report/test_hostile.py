"""Production text is hostile: whatever it says, it stays text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from monitor.report import render
from monitor.report.packed import json_block
from tests.report.browsing import Visitor
from tests.report.nasty import INJECTIONS, STRINGS, broken_everywhere, filled_with, harmful
from tests.report.stored import KINDS, thinned

_OWN_ATTRIBUTES = """
() => [...document.querySelectorAll('main *, header *, footer *')].flatMap((node) =>
  [...node.attributes].filter((a) => a.name.startsWith('on')
    || (a.name === 'href' && !a.value.startsWith('#'))
    || (a.name === 'id' && !/^[a-z0-9-]+$/.test(a.value))).map((a) => a.name + '=' + a.value))
"""
_WITH_DATA = ("check", "drift", "compare", "replay")
"""Runs whose chapters hold data for live charts."""
_WIDE = "document.documentElement.scrollWidth"
_TAGS = ["script", "style", "img", "iframe", "object", "embed", "base", "form", "link"]
_COUNTS = "(tags) => tags.map((tag) => document.getElementsByTagName(tag).length)"
_AT_ONCE = 2
_EACH = 40


@pytest.mark.parametrize("first", range(0, len(STRINGS), _AT_ONCE))
def test_no_string_becomes_anything_but_text(
    first: int, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A demo page of all kinds of run with a string in every text runs and loads nothing."""
    some = STRINGS[first : first + _AT_ONCE]
    parts = [
        {"title": text, "text": text, "run": filled_with(thinned(runs[name]), [text])}
        for name in KINDS
        for text in some
    ]
    _assert_harmless(parts, some[0], tmp_path, visitor)


@pytest.mark.parametrize("first", range(0, len(INJECTIONS), _EACH))
def test_no_injection_becomes_anything_but_text(
    first: int, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Every way to break out, with every payload, each in some place of each kind of run."""
    some = INJECTIONS[first : first + _EACH]
    assert len(STRINGS) + len(INJECTIONS) >= 200
    parts = [
        {"title": some[i], "text": some[-1 - i], "run": filled_with(thinned(runs[name]), turned)}
        for i, name in enumerate(KINDS)
        for turned in (some[i:] + some[:i], some[::-1])
    ]
    _assert_harmless(parts, some[0], tmp_path, visitor)


def _assert_harmless(
    parts: list[dict[str, Any]], text: str, folder: Path, visitor: Visitor
) -> None:
    run = {"schema": "embmon/demo/1", "title": text, "tool_version": text, "parts": parts}
    visit = visitor.open(render(run, folder / "page.html", examples="full"))
    visit.page.locator("button.pick").first.click()
    assert visit.all_complaints() == []
    live = visit.page.locator("canvas").count() > 0
    blocks = sum(part["run"]["schema"].split("/")[1] in _WITH_DATA for part in parts)
    assert live and visit.page.evaluate(_COUNTS, _TAGS) == [blocks + 1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert visit.page.evaluate(_OWN_ATTRIBUTES) == []
    assert harmful(visit.page.inner_text("body")) == []
    assert visit.page.evaluate(_WIDE) <= 1280


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("text", STRINGS[::7])
def test_a_run_of_nothing_but_nonsense_is_still_a_page(
    name: str, text: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Even times, verdicts and methods may be nonsense; the page says that it knows nothing."""
    run = broken_everywhere(thinned(runs[name]), text)
    visit = visitor.open(render(run, tmp_path / "page.html"))
    assert visit.all_complaints() == []
    # What is counted, and what is open, is known without any text.
    word = {"replay": "Over budget", "status": "Firing"}.get(name, "No verdict")
    assert word in visit.page.inner_text("h1")


def test_what_is_no_number_never_reaches_a_script() -> None:
    """JSON knows neither NaN nor infinities; a block that held one would not be read at all."""
    for number in (math.nan, math.inf):
        with pytest.raises(ValueError, match="Out of range float values"):
            json_block({"a": [number]})


def test_the_page_shows_the_very_text(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A string full of markup is read on the page as it was written."""
    run = thinned(runs["check"])
    run["examples"]["novel"][0]["text"] = "<b>5 < 6 & 7 > 6</b> \"quoted\" 'single'"
    visit = visitor.open(render(run, tmp_path / "page.html"))
    shown = visit.page.locator(".examples .rowtext").first.inner_text()
    assert shown == "<b>5 < 6 & 7 > 6</b> \"quoted\" 'single'"
