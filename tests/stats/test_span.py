"""First and last time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.profiles import profile
from monitor.stats.span import Span
from tests.rows import batch

from .conftest import Seen


def test_missing_times_do_not_count(seen: Seen) -> None:
    """The span is that of the rows that have a time, in microseconds since 1970 UTC."""
    at = np.array(["2026-11-20T09:00", "NaT", "2026-11-20T08:59:59.5"], "datetime64[us]")
    rows = replace(batch(seen.vectors[:3]), at=at)
    found = profile([rows], seen.basis).span
    assert found == Span(1_795_165_199_500_000, 1_795_165_200_000_000)


def test_no_times_at_all(seen: Seen) -> None:
    """Without a time column, or with only missing times, the span is empty."""
    rows = batch(seen.vectors[:2])
    assert profile([rows], seen.basis).span == Span()
    missing = replace(rows, at=np.full(2, np.datetime64("NaT", "us")))
    assert profile([missing], seen.basis).span == Span()
