"""A fixed list of reports."""

from __future__ import annotations

from datetime import UTC, datetime

from monitor.report import IndexEntry

_WORDS = ("drift", "warn", "ok", "ok", "insufficient", "calibrating", "ok", "ok", "breaking")


def entries() -> list[IndexEntry]:
    """One report a day, of every verdict."""
    return [
        IndexEntry(
            file=f"day-{i}.html",
            verdict=word,
            title=f"Day {i}",
            window=f"{i} May 2026",
            sentence="What it says.",
            score=1.5 + i,
            threshold=3.0,
            made_at=datetime(2026, 5, i, 6, tzinfo=UTC),
        )
        for i, word in enumerate(_WORDS, 1)
    ]
