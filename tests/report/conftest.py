"""Runs to render, and a real browser to look at them with."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.report.browsing import Visitor
from tests.report.stored import KINDS, stored_run

_SWITCHES = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture
def runs() -> dict[str, dict[str, Any]]:
    """One run of each kind, and a demo of all of them."""
    found = {name: stored_run(name) for name in KINDS}
    points = found["check"]["map"]["points"]
    n = len(points["x"])
    column = {"name": "kind", "names": ["spoken", "written"], "values": [i % 2 for i in range(n)]}
    points |= {"at": [86_400.0 * i for i in range(n)], "columns": [column]}
    parts = [
        {"title": "Speeches over the years", "text": "1948 to 1978.", "run": found["check"]},
        {"title": "Another pooling", "text": "Version against version.", "run": found["compare"]},
        {"title": "Two files", "text": "No history.", "run": found["drift"]},
    ]
    demo = {"schema": "embmon/demo/1", "title": "Three stories", "parts": parts}
    return {**found, "demo": demo}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; a machine without it fails these tests and says what is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail(
            "these tests open the pages in a real browser and found no `chromium` on the PATH: "
            "apt-get install chromium",
            pytrace=False,
        )
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=list(_SWITCHES))
        yield found
        found.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """Opens pages; what it opened is closed after the test."""
    yield Visitor(browser)
    for context in browser.contexts:
        context.close()
