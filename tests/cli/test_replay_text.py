"""A replay in words."""

from __future__ import annotations

from monitor.cli.replay_text import replay_text


def test_without_an_alarm_there_is_no_empty_table() -> None:
    """One line tells it all."""
    answer = {
        "alarms": 0,
        "windows": 55,
        "incidents": 0,
        "per_1000": {"value": 0.0, "low": 0.0, "high": 67.1},
        "false_alarms": "1 per 1000 windows",
        "alarmed": [],
    }
    assert replay_text(answer) == [
        "0 of 55 windows would have alarmed, in 0 incidents: 0 per 1000 windows "
        "(95 %: 0 to 67.1); budget 1 per 1000 windows."
    ]
