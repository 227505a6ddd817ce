"""Pages for everybody: axe-core's rules, run in the browser."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from monitor.report import render, render_index
from tests.report.browsing import Visitor
from tests.report.listed import entries
from tests.report.stored import KINDS, thinned


def _grave(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("name", "scheme"), list(zip(KINDS, cycle(["light", "dark"]), strict=False))
)
def test_axe_finds_nothing_serious(
    name: str, scheme: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """No serious or critical finding on a page of each kind, everything unfolded."""
    path = render(thinned(runs[name], points=30), tmp_path / "page.html")
    page = visitor.open(path, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert _grave(page) == []


def test_axe_finds_nothing_serious_on_a_page_of_many_runs(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Chapters side by side, sections folded."""
    parts = [{"title": name, "run": thinned(runs[name])} for name in KINDS]
    run = {"schema": "embmon/demo/1", "title": "All", "parts": parts}
    assert _grave(visitor.open(render(run, tmp_path / "page.html")).page) == []


def test_axe_finds_nothing_serious_on_a_telephone(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Tables that have become cards are still tables."""
    path = render(thinned(runs["check"], points=30), tmp_path / "page.html")
    page = visitor.open(path, viewport={"width": 390, "height": 844}).page
    assert _grave(page) == []
    assert page.get_by_role("table", name="Topics by change of share").count() == 1


@pytest.mark.parametrize(("over_time", "scheme"), [(True, "light"), (False, "dark")])
def test_axe_finds_nothing_serious_on_lists(
    over_time: bool, scheme: str, tmp_path: Path, visitor: Visitor
) -> None:
    """The list of a space's reports, and the list of spaces with its link to how things stand."""
    out = render_index(tmp_path, entries(), over_time=over_time, beside="status.html")
    page = visitor.open(out, color_scheme=scheme).page
    assert _grave(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert _grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390


_STOPS = """
() => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
  .filter((node) => node.checkVisibility() && !(node.type === "radio" && !node.checked)).length
"""
_FOCUSED = """
() => {
  const node = document.activeElement;
  if (node === document.body || node.dataset.seen) return null;
  node.dataset.seen = "yes";
  const style = getComputedStyle(node);
  return [style.outlineStyle, parseFloat(style.outlineWidth), node.outerHTML.slice(0, 100)];
}
"""


def test_tab_reaches_all_and_shows_where_it_is(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """First comes the link past the menu; then every link, button, fold and table, each ringed."""
    page = visitor.open(render(thinned(runs["check"], points=30), tmp_path / "page.html")).page
    stops = page.evaluate(_STOPS)
    seen = []
    for _ in range(stops + 5):
        page.keyboard.press("Tab")
        if (focused := page.evaluate(_FOCUSED)) is None:
            break
        seen.append(focused)
    assert "Skip to the verdict" in seen[0][2]
    assert [html for style, width, html in seen if style == "none" or width < 2] == []
    assert len(seen) == stops


def test_nothing_glides_for_those_who_do_not_want_it(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Links scroll smoothly only where the system does not ask for less motion."""
    path = render(thinned(runs["check"], points=30), tmp_path / "page.html")
    scrolling = "getComputedStyle(document.documentElement).scrollBehavior"
    for wish, behaviour in (("reduce", "auto"), ("no-preference", "smooth")):
        assert visitor.open(path, reduced_motion=wish).page.evaluate(scrolling) == behaviour


@pytest.mark.parametrize("name", KINDS)
def test_tables_are_read_with_their_heads(name: str, runs: dict[str, Any], tmp_path: Path) -> None:
    """Every table has a caption, and every head says what it is the head of."""
    text = render(thinned(runs[name]), tmp_path / "page.html").read_text(encoding="utf-8")
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    assert [table for table in tables if "<caption>" not in table] == []
    assert [head for head in re.findall(r"<th\b.*?>", text) if "scope=" not in head] == []
