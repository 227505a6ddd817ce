"""Which windows are alike by the calendar, and which weeks they fall in."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


def weeks_held(windows: Sequence[Window]) -> int:
    """How many weeks windows hold, oldest first: of the time they span, where a last weekend may be
    missing, and at most as many as can be left out in turn (`fold`).

    >>> from datetime import UTC, datetime
    >>> sunday = datetime(2026, 8, 23, 12, tzinfo=UTC)
    >>> hours = [sunday + timedelta(hours=i) for i in range(300)]
    >>> windows = [Window(at, at + timedelta(hours=1)) for at in hours]
    >>> [weeks_held(windows[:n]) for n in (0, 24, 264, 265)]
    [0, 1, 1, 2]
    """
    if not windows:
        return 0
    days = math.ceil((windows[-1].end - windows[0].start) / DAY)
    return min(len({fold(one) for one in windows}), max(1, (days + 2) // 7))
