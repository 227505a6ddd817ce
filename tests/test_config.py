"""Budgets and lengths of time, as they are written in the settings."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.config import budget_windows, duration, spelt
from monitor.errors import UsageError


@pytest.mark.parametrize(
    ("text", "every", "windows"),
    [
        ("1 per 1000 windows", "1h", 1000),
        ("1 per 90 days", "15m", 8640),
        ("1 per 90 days", "1d", 90),
        ("1 per 90 days", "7d", 12),
        ("1 per 2 windows", "365d", 2),
    ],
)
def test_a_budget_is_so_many_windows(text: str, every: str, windows: int) -> None:
    """Days are as many windows as lie wholly in them."""
    assert budget_windows(text, duration(every)) == windows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 per 90 days", "'1 per 90 days' allows a false alarm in every window of 365d"),
        ("1 per 1 windows", "'1 per 1 windows' allows a false alarm in every window of 365d"),
        ("0.1 %", "'0.1 %' is not a budget of false alarms"),
    ],
)
def test_a_budget_that_bounds_nothing_is_refused(text: str, said: str) -> None:
    """Of windows of a year 90 days hold none: each would alarm as soon as it had an effect."""
    with pytest.raises(UsageError) as caught:
        budget_windows(text, timedelta(days=365))
    assert caught.value.message == said


@pytest.mark.parametrize("text", ["15m", "90m", "1h", "36h", "1d", "8d", "1w", "365d"])
def test_lengths_are_read_and_written_alike(text: str) -> None:
    """In the largest unit that they are a multiple of."""
    assert spelt(duration(text)) == text
