"""Rows seen through a basis: the same to the bit in any company."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.errors import DimensionError
from monitor.fitting import fitted
from monitor.frame import CHUNK, Frame
from monitor.stats.base import Rows
from tests.rows import batch, topics

PER_ROW = (
    *("hashes", "identities", "entities", "coordinates", "cluster"),
    *("distance", "novelty", "scalars", "component_bins", "scalar_bins"),
)


def by_hash(rows: Rows) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """What is known of each row, in order of its hash."""
    order = np.argsort(rows.hashes)
    return {name: getattr(rows, name)[order] for name in PER_ROW}


@pytest.mark.parametrize("d", [2, 8, 32, 64, 384])
def test_a_row_does_not_depend_on_how_many_are_with_it(d: int) -> None:
    """1, 7, 257 or 8192 rows at once: every number of a row is the same to the last bit."""
    frame = Frame(fitted(topics(400, np.random.default_rng(d), d=d)), sample=0)
    rows = batch(topics(CHUNK, np.random.default_rng(d + 1), d=d))
    whole = by_hash(frame.rows(rows))
    for n in (1, 7, 257):
        start = 20 * n
        part = by_hash(frame.rows(rows.take(np.arange(start, start + n))))
        place = np.searchsorted(whole["hashes"], part["hashes"])
        for name in PER_ROW:
            assert np.array_equal(part[name], whole[name][place]), (n, name)


@pytest.mark.parametrize("n", [1, 7, 257])
def test_the_waves_of_a_row_do_not_depend_on_how_many_are_with_it(n: int) -> None:
    """Their sums over parts of n rows are those over all rows, exactly, bucket by bucket."""
    frame = Frame(fitted(topics(400, np.random.default_rng(0), d=32)), sample=0)
    rows = batch(topics(600, np.random.default_rng(1), d=32))
    parts = [rows.take(np.arange(i, min(i + n, 600))) for i in range(0, 600, n)]
    summed = sum(frame.rows(part).features for part in parts)
    assert np.array_equal(summed, frame.rows(rows).features)


def test_rows_come_sorted_by_bucket() -> None:
    """`starts` and `present` cut them into their buckets."""
    frame = Frame(fitted(topics(100, np.random.default_rng(0))), sample=0)
    rows = frame.rows(batch(topics(70, np.random.default_rng(1)), [i % 9 for i in range(70)]))
    buckets = rows.entities % np.uint64(32)
    assert (np.diff(buckets.astype(int)) >= 0).all()
    assert buckets[rows.starts].tolist() == rows.present.tolist()
    assert rows.bucket_sums(np.ones(rows.n), np.int64).sum() == 70


def test_another_dimension_is_an_error() -> None:
    """It names both, and asks the two questions that explain it."""
    frame = Frame(fitted(topics(100, np.random.default_rng(0), d=16)))
    with pytest.raises(DimensionError) as caught:
        frame.rows(batch(topics(5, np.random.default_rng(0), d=17)))
    assert caught.value.message == "vectors have 17 dimensions, the basis has 16"
    assert caught.value.hint == "is this the right space, or was the encoder changed?"


def test_without_entities_rows_are_spread_by_content() -> None:
    """Copies of a row share a bucket; 4,000 different rows spread evenly over the 32."""
    frame = Frame(fitted(topics(100, np.random.default_rng(0))), sample=0)
    copies = frame.rows(batch(np.tile(topics(1, np.random.default_rng(1)), (50, 1))))
    assert len(copies.present) == 1
    spread = frame.rows(batch(topics(4000, np.random.default_rng(2))))
    sizes = np.diff(np.append(spread.starts, spread.n))
    assert len(sizes) == 32
    assert np.square(sizes - 125).sum() / 125 < 70  # χ² of 31
