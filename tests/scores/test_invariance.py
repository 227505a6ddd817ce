"""What must not matter to `drift`: order of rows, size of batches, rows written twice, n."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import monitor
from tests.rows import Floats, topics

TRIALS = 16


def asked(a: Any, b: Any, seed: int, **named: Any) -> dict[str, Any]:
    """The JSON of `drift`."""
    return monitor.drift(a, b, seed=seed, **named).to_dict()


def sides(seed: int, n: int) -> tuple[Floats, Floats]:
    """Two samples of one world, or, of every second seed, of one in which a topic grew by half."""
    rng = np.random.default_rng(seed)
    grown = (3, 2, 2, 1, 1 + 0.5 * (seed % 2))
    return topics(n, rng), topics(n, rng, weights=grown)


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_nothing(seed: int) -> None:
    """Neither p nor effect, to rounding."""
    a, b = sides(seed, 400)
    rng = np.random.default_rng(seed)
    one, other = asked(a, b, seed), asked(rng.permutation(a), rng.permutation(b), seed)
    assert other["verdict"] == one["verdict"]
    assert other["p_value"] == pytest.approx(one["p_value"], abs=0.005)
    assert other["effect"] == pytest.approx(one["effect"], abs=1e-4)


@pytest.mark.parametrize("rows", [1, 97, 400])
def test_the_size_of_batches_changes_nothing(rows: int) -> None:
    """Tables in chunks of one row, of 97, or in one."""
    a, b = sides(1, 400)
    whole = asked(a, b, 0)

    def chunked(vectors: Floats) -> pa.Table:
        def chunks() -> Iterator[pa.RecordBatch]:
            for start in range(0, len(vectors), rows):
                part = vectors[start : start + rows]
                column = pa.FixedSizeListArray.from_arrays(pa.array(part.ravel()), part.shape[1])
                yield pa.record_batch({"embedding": column})

        return pa.Table.from_batches(chunks())

    found = asked(chunked(a), chunked(b), 0)
    assert found["p_value"] == pytest.approx(whole["p_value"], abs=0.005)
    assert found["effect"] == pytest.approx(whole["effect"], abs=1e-4)


def rate(n: int, *, twice: bool = False) -> float:
    """Share of trials without a difference with p of at most a quarter, where a rate that is off
    shows in few trials."""
    found = 0
    for seed in range(TRIALS):
        a, b = sides(2 * seed, n)
        if twice:
            a, b = np.repeat(a, 2, axis=0), np.repeat(b, 2, axis=0)
        found += asked(a, b, seed)["p_value"] <= 0.25
    return found / TRIALS


@pytest.mark.parametrize(("n", "twice"), [(400, False), (200, False), (200, True)])
def test_neither_half_the_rows_nor_each_row_twice_changes_the_rate_of_alarms(
    n: int, twice: bool
) -> None:
    """A quarter, within three binomial deviations of 16 trials."""
    assert abs(rate(n, twice=twice) - 0.25) <= 3 * sqrt(0.25 * 0.75 / TRIALS)
