"""Rows counted by what is wrong with them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.batch import ROW_NULL, ROW_WRONG_DIM
from monitor.profiles import profile
from monitor.rowkeys import usable
from tests.rows import batch

from .conftest import Seen


def test_each_row_is_counted_once(seen: Seen) -> None:
    """A row with NaN and Inf is NaN; null and wrong-dimension rows are what their source says;
    a magnitude past 1e15 cannot be measured and is infinite."""
    vectors = seen.vectors[:12].copy()
    vectors[0, 3], vectors[1, :2] = np.nan, (np.nan, np.inf)
    vectors[2, 0], vectors[3, 0], vectors[4, 5] = np.inf, -np.inf, -2e15
    vectors[5], vectors[6] = 0, -0.0
    rows = batch(vectors)
    status = rows.status.copy()
    status[7], status[8:10] = ROW_NULL, ROW_WRONG_DIM
    vectors[7:10] = 0
    rows = replace(rows, status=status)
    found = profile([rows], seen.basis)
    assert found.quality.to_dict() == {
        "rows": 12,
        "null": 1,
        "wrong_dim": 2,
        "nan": 2,
        "inf": 3,
        "zero": 2,
    }
    assert found.n == 2
    assert np.flatnonzero(usable(rows)).tolist() == [10, 11]


def test_bad_rows_leave_no_other_trace(seen: Seen) -> None:
    """The statistics of the good rows are those without the bad rows, to the bit."""
    bad = np.full((5, seen.vectors.shape[1]), np.nan, np.float32)
    bad[3:] = 3e38
    mixed = profile([batch(np.vstack([bad, seen.vectors]))], seen.basis)
    clean = profile([batch(seen.vectors)], seen.basis)
    for name, statistic in clean.statistics.items():
        if name != "quality":
            for key, value in statistic.arrays().items():
                assert np.array_equal(mixed.statistics[name].arrays()[key], value), name
