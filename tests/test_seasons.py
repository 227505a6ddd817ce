"""Which windows are alike by the calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Window
from monitor.seasons import fold, slot


def window(start: str, **length: float) -> Window:
    """A window from `start` (UTC)."""
    at = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return Window(at, at + timedelta(**length))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (window("2026-11-20T09:00", hours=1), "weekday 09h"),
        (window("2026-11-21T09:30", minutes=15), "weekend 09h"),
        (window("2026-11-20T00:00", days=1), "weekday"),
        (window("2026-11-22T00:00", days=1), "weekend"),
        (window("2026-11-20T06:00", hours=12), "weekday 06h"),
        (window("2026-11-21T00:00", days=2), "all"),
        (window("2026-11-16T00:00", days=7), "all"),
    ],
)
def test_slots(one: Window, expected: str) -> None:
    """Hour and kind of day below a day, kind of day for a day, one slot for all beyond."""
    assert slot(one) == expected


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (window("2026-11-16T00:00", days=1), "2026-W47"),
        (window("2026-11-22T23:00", hours=1), "2026-W47"),
        (window("2026-11-23T00:00", hours=1), "2026-W48"),
        (window("2027-01-01T00:00", days=1), "2026-W53"),
        (window("2026-11-16T00:00", days=7), "2026-11-16"),
        (window("2026-01-01T00:00", days=365), "2026-01-01"),
    ],
)
def test_folds(one: Window, expected: str) -> None:
    """ISO weeks, over the turn of the year too; long windows stand for themselves."""
    assert fold(one) == expected
