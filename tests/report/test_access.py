"""Pages for everybody: axe-core's rules, run in the browser."""

from __future__ import annotations

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
