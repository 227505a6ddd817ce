"""Which windows are alike by the calendar, and which weeks they fall in."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache

from monitor.model import Window

DAY = timedelta(days=1)
_KNOWN = 1 << 16
"""Windows whose place in the calendar is remembered: seven years of hours."""


@lru_cache(_KNOWN)
def slot(window: Window) -> str:
    """The season slot of a window: hour and weekday or weekend below a day's length, weekday
    or weekend up to a day, one slot for all beyond.

    >>> from datetime import UTC, datetime
    >>> slot(Window(datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 21, 10, tzinfo=UTC)))
    'weekend 09h'
    """
    length = window.end - window.start
    if length > DAY:
        return "all"
    day = "weekend" if window.start.weekday() >= 5 else "weekday"
    return day if length == DAY else f"{day} {window.start.hour:02d}h"


@lru_cache(_KNOWN)
def fold(window: Window) -> str:
    """The week (ISO) of a window's start: windows of one week are left out together, because
    neighbouring windows are correlated. Windows of a week and longer stand for themselves."""
    if window.end - window.start >= 7 * DAY:
        return window.start.date().isoformat()
    year, week, _ = window.start.isocalendar()
    return f"{year}-W{week:02d}"
