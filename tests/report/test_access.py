"""Pages for everybody: axe-core's rules, run in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from monitor.report import render, render_index
from tests.report.browsing import Visitor
from tests.report.listed import entries


def _grave(page: Any) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("name", "scheme"), [("check", "light"), ("compare", "dark")])
def test_axe_finds_nothing_serious(
    name: str, scheme: str, runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """No serious or critical finding, everything unfolded."""
    visit = visitor.open(render(runs[name], tmp_path / "page.html"), color_scheme=scheme)
    visit.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert _grave(visit.page) == []


def test_axe_finds_nothing_serious_on_a_telephone(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """Tables that have become cards are still tables."""
    path = render(runs["check"], tmp_path / "page.html")
    page = visitor.open(path, viewport={"width": 390, "height": 844}).page
    assert _grave(page) == []
    assert page.get_by_role("table", name="Topics by change of share").count() == 1


def test_axe_finds_nothing_serious_on_the_index(tmp_path: Path, visitor: Visitor) -> None:
    """The list of reports too."""
    assert _grave(visitor.open(render_index(tmp_path, entries())).page) == []
