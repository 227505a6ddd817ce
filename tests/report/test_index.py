"""The list of reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.errors import UsageError
from monitor.report import IndexEntry, index_entry, render, render_index
from tests.report.browsing import Visitor
from tests.report.nasty import STRINGS


def test_an_index_links_to_the_pages_beside_it(
    runs: dict[str, Any], tmp_path: Path, visitor: Visitor
) -> None:
    """A click on an entry opens its page."""
    entries = [index_entry(run, f"{name}.html") for name, run in runs.items()]
    for name, run in runs.items():
        render(run, tmp_path / f"{name}.html")
    visit = visitor.open(render_index(tmp_path, entries))
    assert visit.all_complaints() == []
    visit.page.get_by_role("link", name="annual-messages").click()
    assert visit.page.url.endswith("/check.html")


def test_an_entry_says_what_its_page_says(runs: dict[str, Any]) -> None:
    """Verdict, window, sentence and score come from the run."""
    entry = index_entry(runs["check"], "check.html")
    assert (entry.verdict, entry.title, entry.window) == ("drift", "annual-messages", "1978")
    assert entry.sentence.startswith("annual-messages changed: 30.0")
    assert (entry.score, entry.threshold) == (4.204, 3.0)


def test_an_empty_index_says_so(tmp_path: Path) -> None:
    """No reports is no error."""
    text = render_index(tmp_path, []).read_text(encoding="utf-8")
    assert "No report has been made yet." in text


def test_only_plain_file_names_are_listed(tmp_path: Path) -> None:
    """A name that leaves the folder or is a script is refused."""
    for name in ("../x.html", "javascript:x.html", "x.txt", ""):
        with pytest.raises(UsageError) as caught:
            render_index(tmp_path, [IndexEntry(name, "ok", "x")])
        assert caught.value.message == f"{name!r} cannot be listed as a report"


def test_hostile_entries_stay_text(tmp_path: Path, visitor: Visitor) -> None:
    """Every nasty string as title, window and sentence at once."""
    entries = [IndexEntry(f"r{i}.html", text, text, text, text) for i, text in enumerate(STRINGS)]
    visit = visitor.open(render_index(tmp_path, entries, title=STRINGS[0]))
    assert visit.all_complaints() == []
    assert visit.page.evaluate("document.querySelectorAll('script, img').length") == 0
