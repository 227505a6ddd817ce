"""The folder of reports, as a web server would publish it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.model import Window
from monitor.pipeline.contents import page_before, page_name, space_entries
from monitor.report import IndexEntry, render_index
from monitor.store import VerdictRow

_DAY = datetime(2026, 5, 1, tzinfo=UTC)


def _row(day: int, **values: Any) -> VerdictRow:
    start = _DAY + timedelta(days=day)
    given = {
        "space": "dishes", "monitor": "m", "window": Window(start, start + timedelta(days=1)),
        "word": "ok", "score": 0.5, "threshold": 3.0, "p_value": 0.3, "rows": 100,
        "decided_at": start, "detail": {}, **values,
    }  # fmt: skip
    return VerdictRow(**{name: given.get(name) for name in VerdictRow.__dataclass_fields__})


def test_pages_that_were_judged_are_listed_newest_first() -> None:
    """A page of another origin is left alone."""
    rows = [_row(0), _row(1, word="drift", detail={"causes": ["more pizza"]})]
    found = space_entries([*(page_name(row.window) for row in rows), "notes.html"], rows)
    assert [(e.file, e.verdict, e.sentence) for e in found] == [
        ("2026-05-02T0000.html", "drift", "more pizza"),
        ("2026-05-01T0000.html", "ok", ""),
    ]


def test_a_page_follows_the_one_before() -> None:
    """The nearest earlier page, and none for the first."""
    pages = [f"2026-05-0{day}T0000.html" for day in (1, 2, 4)]
    assert page_before([*pages, "index.html"], pages[2]) == pages[1]
    assert page_before(pages, pages[0]) is None


def test_the_list_of_spaces_leads_to_the_list_of_each(tmp_path: Path) -> None:
    """Links go one folder down, to its list, and nowhere else."""
    entry = IndexEntry("dishes/index.html", "ok", "dishes")
    text = render_index(tmp_path, [entry], "Spaces", over_time=False).read_text(encoding="utf-8")
    assert 'href="dishes/index.html"' in text
    assert "Spaces, each by its latest verdict" in text
