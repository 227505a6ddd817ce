"""Days that are left out, or known by name."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.calendars import Calendar, calendar
from monitor.errors import UsageError
from monitor.model import Window


def hour(text: str, hours: int = 1) -> Window:
    """A window from this time (ISO 8601)."""
    start = datetime.fromisoformat(text)
    return Window(start, start + timedelta(hours=hours))


def test_days_are_whole_days_of_the_zone() -> None:
    """The 24th to the 26th in Berlin begin on the 23rd at 23:00 UTC and end three days later."""
    found = calendar(["2026-12-24/2026-12-26"], [], ZoneInfo("Europe/Berlin"))
    inside = ("2026-12-23T23:00Z", "2026-12-25T12:00Z", "2026-12-26T22:00Z")
    outside = ("2026-12-23T22:00Z", "2026-12-26T23:00Z")
    assert all(found.excludes(hour(text)) for text in inside)
    assert not any(found.excludes(hour(text)) for text in outside)
    assert found.excludes(hour("2026-12-20T00:00Z", 7 * 24))


def test_labelled_days_are_judged_but_no_part_of_a_reference() -> None:
    """They have a name; other days have none."""
    found = calendar([], ["2026-11-27 Black Friday"])
    assert found.label(hour("2026-11-27T08:00Z")) == "Black Friday"
    assert found.label(hour("2026-11-28T08:00Z")) is None
    assert not found.excludes(hour("2026-11-27T08:00Z"))
    assert not found.usual(hour("2026-11-27T08:00Z"))
    assert found.usual(hour("2026-11-28T08:00Z"))
    assert Calendar().usual(hour("2026-11-27T08:00Z"))


@pytest.mark.parametrize("text", ["24.12.2026", "2026-13-01", "2026-12-26/2026-12-24", "", "2026"])
def test_what_is_no_day(text: str) -> None:
    """Is named, with how to write one."""
    with pytest.raises(UsageError) as caught:
        calendar([text], [])
    assert caught.value.message == f"{text!r} is no day"
    assert caught.value.hint == "write 2026-12-24 or 2026-12-24/2026-12-26"


def test_a_label_is_needed() -> None:
    """A labelled day without one is a mistake."""
    with pytest.raises(UsageError) as caught:
        calendar([], ["2026-11-27"])
    assert caught.value.message == "'2026-11-27' has no label"
    assert caught.value.hint == 'write "2026-11-27 Black Friday"'
