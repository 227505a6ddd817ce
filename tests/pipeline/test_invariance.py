"""What must not matter to `drift`: order, chunks, how many rows there are, and copies of rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import monitor
from tests.rows import Floats, topics


def alike(seed: int, n: int) -> tuple[Floats, Floats]:
    """Two samples of the same topics."""
    rng = np.random.default_rng(seed)
    return topics(n, rng), topics(n, rng)


def test_order_of_rows_changes_nothing() -> None:
    """The same verdict, p-value and effect, but for the last digits of float sums."""
    a, b = alike(0, 500)
    b = b * np.float32(1.1)
    shuffled = [rows[np.random.default_rng(1).permutation(500)] for rows in (a, b)]
    one, other = monitor.drift(a, b), monitor.drift(*shuffled)
    assert one.verdict == other.verdict
    assert one.p_value == other.p_value
    assert one.effect == pytest.approx(other.effect, rel=1e-6)


def test_size_of_chunks_changes_nothing(tmp_path: Path) -> None:
    """A file in row groups of 100 says what the arrays say."""
    sides = alike(2, 1000)
    paths = [tmp_path / f"{side}.parquet" for side in "ab"]
    for rows, path in zip(sides, paths, strict=True):
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])
        pq.write_table(pa.table({"embedding": vectors}), path, row_group_size=100)
    one, other = monitor.drift(*sides), monitor.drift(*map(str, paths))
    assert one.p_value == other.p_value
    assert one.effect == pytest.approx(other.effect, rel=1e-6)


@pytest.mark.parametrize(
    ("n", "copies", "named"), [(400, 1, False), (200, 1, False), (200, 2, True), (200, 2, False)]
)
def test_alarm_rate_holds(n: int, copies: int, named: bool) -> None:
    """With all rows, with half of them, with copies of each under one entity; and without a name,
    for equal vectors are one entity: of 15 pairs alike at most three are called drift (more has a
    chance of half a percent)."""
    alarms = 0
    for seed in range(15):
        sides = [np.repeat(rows, copies, axis=0) for rows in alike(100 + seed, n)]
        names = [[f"{side}{i // copies}" for i in range(n * copies)] for side in "ab"]
        known = names if named else (None, None)
        found = monitor.drift(
            *sides, reference_entities=known[0], current_entities=known[1], seed=seed
        )
        alarms += found.verdict == "drift"
    assert alarms <= 3
