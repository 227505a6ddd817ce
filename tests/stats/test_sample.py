"""Rows kept by hash, and the rows farthest out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from monitor.batch import Batch
from monitor.frame import Frame
from monitor.profiles import Profile, folded, profile
from monitor.stats.sample import FARTHEST, coordinates
from tests.rows import batch

from .conftest import Seen


def named(seen: Seen, n: int) -> Batch:
    """The first n rows with ids, texts and a column."""
    columns = {
        "text": pa.array([f"text {i}" for i in range(n)], pa.string()),
        "price": pa.array(range(n), pa.int64()),
    }
    ids = pa.array([f"r{i}" for i in range(n)], pa.string())
    return replace(batch(seen.vectors[:n]), ids=ids, columns=columns)


def kept(found: Profile) -> list[dict[str, object]]:
    """The kept rows without their coordinates."""
    rows: list[dict[str, object]] = found.sample.kept.drop(["_y"]).to_pylist()
    return rows


def test_the_rows_of_smallest_hash_are_kept(seen: Seen) -> None:
    """With their id, text, columns, cluster and coordinates."""
    frame = Frame(seen.basis, sample=10, text="text")
    rows, found = frame.rows(named(seen, 200)), folded(named(seen, 200), frame)
    table = found.sample.kept
    smallest = np.argsort(rows.identities)[:10]
    assert table["_hash"].to_pylist() == rows.identities[smallest].tolist()
    assert table["_cluster"].to_pylist() == rows.cluster[smallest].tolist()
    order = [int(name.removeprefix("r")) for name in table["_id"].to_pylist()]
    assert table["_text"].to_pylist() == [f"text {i}" for i in order]
    assert table["column.price"].to_pylist() == order
    assert "column.text" not in table.column_names
    np.testing.assert_allclose(coordinates(table), seen.y[order], atol=1e-4)


def test_the_sample_is_uniform(seen: Seen) -> None:
    """Over 200 samples of 60 of 600 rows, every row is in about 20."""
    hits = np.zeros(600)
    for shift in range(200):
        rows = named(seen, 600)
        ids = pa.array([f"r{i}-{shift}" for i in range(600)], pa.string())
        hashes = Frame(seen.basis, 60).rows(replace(rows, ids=ids))
        first = np.argsort(hashes.identities)[:60]
        names = np.array(hashes.table["_id"].to_pylist())[hashes.order[first]]
        hits[[int(name[1:].split("-")[0]) for name in names]] += 1
    assert hits.sum() == 200 * 60
    assert hits.min() >= 5
    assert hits.max() <= 38


def test_equal_rows_are_counted_not_repeated(seen: Seen) -> None:
    """Seven copies of one row and one other are two rows of counts seven and one."""
    rows = batch(np.vstack([np.tile(seen.vectors[:1], (7, 1)), seen.vectors[1:2]]))
    found = profile([rows], seen.basis, sample=4)
    assert sorted(found.sample.kept["_count"].to_pylist()) == [1, 7]
    assert found.sample.rows() == 8
    assert found.sample.distinct() == 2
    assert found.duplicates() == 6
    twice = profile([rows, rows], seen.basis, sample=4)
    assert sorted(twice.sample.kept["_count"].to_pylist()) == [2, 14]


def test_duplicates_where_the_sample_is_too_small(seen: Seen) -> None:
    """500 rows twice: past the sample the sketch says it within five percent."""
    found = profile([batch(seen.vectors[:500])] * 2, seen.basis, sample=20)
    assert abs(found.duplicates() - 500) <= 25


def test_the_error_of_the_sketch_is_not_called_duplicates(seen: Seen) -> None:
    """Rows that all differ have none, in ten samples whose estimates scatter about their number."""
    for seed in range(10):
        rows = np.random.default_rng(seed).normal(size=(3000, seen.vectors.shape[1]))
        assert profile([batch(rows.astype(np.float32))], seen.basis, sample=20).duplicates() == 0


def test_the_farthest_rows_are_kept(seen: Seen) -> None:
    """32 of them, whichever part they came in, by distance in full dimension."""
    vectors = seen.vectors.copy()
    vectors[300:310, 19] += 100
    parts = [batch(vectors[:305]), batch(vectors[305:])]
    table = profile(parts, seen.basis, sample=4).sample.farthest
    assert table.num_rows == FARTHEST
    novelty = sorted(table["_novelty"].to_pylist(), reverse=True)
    assert novelty[9] > 90
    assert novelty[10] < 20


def test_a_sample_of_nothing(seen: Seen) -> None:
    """Size 0 keeps no row, neither by hash nor the farthest, and leaves all else as it is."""
    found = profile([named(seen, 50)], seen.basis, sample=0)
    assert found.n == 50
    assert found.sample.kept.num_rows == found.sample.farthest.num_rows == 0
    assert found.sample.rows() == 0


def test_samples_of_unlike_size_add_up(seen: Seen) -> None:
    """The sum has the smaller size; a profile that keeps nothing adds none, in any order."""
    rows = named(seen, 90)
    parts = [
        profile([rows.take(np.arange(i, i + 30))], seen.basis, sample=size)
        for i, size in ((0, 5), (30, 9), (60, 0))
    ]
    a, b, c = parts
    expected = profile([rows.take(np.arange(60))], seen.basis, sample=5)
    for found in (a + b + c, c + (b + a), (a + c) + b):
        assert found.n == 90
        assert found.sample.size == 5
        assert kept(found) == kept(expected)


def test_columns_that_change_their_type_between_parts(seen: Seen) -> None:
    """Whole numbers one day, text the next and fractions the third: read as text, in any order."""
    days = [
        pa.array([1, 2, None], pa.int64()),
        pa.array(["n/a", "3", None], pa.string()),
        pa.array([1.5, 4.0, None], pa.float64()),
    ]
    parts = [
        profile(
            [replace(batch(seen.vectors[3 * i : 3 * i + 3]), columns={"price": prices})],
            seen.basis,
        )
        for i, prices in enumerate(days)
    ]
    a, b, c = parts
    found = [
        (p + q + r).sample.kept["column.price"].to_pylist() for p, q, r in ((a, b, c), (c, a, b))
    ]
    assert found[0] == found[1]
    assert sorted(v for v in found[0] if v) == ["1", "1.5", "2", "3", "4", "n/a"]


def test_columns_that_only_some_parts_have(seen: Seen) -> None:
    """They are null elsewhere, and the order of parts does not matter."""
    with_price = profile([named(seen, 2)], seen.basis)
    without = profile([batch(seen.vectors[2:4])], seen.basis)
    assert (with_price + without).sample.kept.equals((without + with_price).sample.kept)
    prices = (with_price + without).sample.kept["column.price"].to_pylist()
    assert sorted(p for p in prices if p is not None) == [0, 1]
    assert prices.count(None) == 2
