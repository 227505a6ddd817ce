"""The place flagged rows stand in is named, and none where they are spread."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from monitor.versions.location import place

N = 1000
ROWS = np.arange(N)
RNG = np.random.default_rng(0)
LABEL = RNG.choice(["Pizza", "Soup", "Beans", "Tea & cake"], N, p=[0.1, 0.3, 0.3, 0.3])
TIMES = [dt.datetime(2026, 1, 1) + dt.timedelta(hours=int(h)) for h in RNG.permutation(N)]
COLUMNS = {
    "label": pa.array(LABEL),
    "text": pa.array([f"dish {i}" for i in range(N)]),
    "at": pa.array(TIMES),
    "weight": pa.array(RNG.normal(size=N)),
    "tags": pa.array([["a"]] * N),
    "nothing": pa.nulls(N),
    "raw": pa.array([b"x"] * N),
}


def test_a_value_is_named() -> None:
    """All rows of a label, and rows of a label with a few missing and a few beside."""
    flags = LABEL == "Pizza"
    assert place(flags, ROWS, COLUMNS).name == "label = Pizza"
    flags[np.flatnonzero(flags)[:10]] = False
    flags[:10] = True
    assert place(flags, ROWS, COLUMNS).name == "label = Pizza"


def test_a_stretch_of_rows_is_named() -> None:
    """In the given row order, not in that of the flags."""
    order = RNG.permutation(N)
    found = place((order >= 300) & (order < 360), order, COLUMNS)
    assert (found.name, found.flagged, found.rows) == ("rows 300-359", 60, 60)


def test_a_stretch_of_time_is_named() -> None:
    """The first and last time of it."""
    start, end = dt.datetime(2026, 1, 8), dt.datetime(2026, 1, 10)
    found = place(np.array([start <= t <= end for t in TIMES]), ROWS, COLUMNS)
    assert found.name == "at from 2026-01-08T00:00:00 to 2026-01-10T00:00:00"


def test_a_stretch_of_numbers_is_named() -> None:
    """Rows above a weight."""
    weight = np.asarray(COLUMNS["weight"])
    assert place(weight > np.sort(weight)[-50], ROWS, COLUMNS).name.startswith("weight from ")


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3])
def test_spread_rows_have_no_place(share: float) -> None:
    """In 100 draws of random rows none is placed."""
    draws = [RNG.random(N) < share for _ in range(100)]
    assert [place(flags, ROWS, COLUMNS) for flags in draws] == [None] * 100


def test_all_rows_and_two_rows_have_no_place() -> None:
    """A place says nothing of all rows, and two rows are no stretch."""
    assert place(np.ones(N, bool), ROWS, COLUMNS) is None
    assert place(ROWS < 2, ROWS, COLUMNS) is None


def test_missing_values_are_a_value() -> None:
    """Rows without a label are named so."""
    labels = pa.array([None if i % 20 == 0 else "x" for i in range(N)], pa.string())
    assert place(ROWS % 20 == 0, ROWS, {"label": labels}).name == "label = (empty)"


def test_a_stretch_that_fits_better_than_a_value_wins() -> None:
    """And the other way round: the better fit is named."""
    labels = pa.array(np.where(ROWS < 200, "a", "b"))
    assert place(ROWS < 100, ROWS, {"label": labels}).name == "rows 0-99"
    assert place(ROWS < 200, ROWS, {"label": labels}).name == "label = a"
