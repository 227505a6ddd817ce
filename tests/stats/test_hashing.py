"""Hashes of rows and keys: stable, well spread, and telling rows apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.stats.hashing import key_hashes, mixed, row_hashes

ROWS_OF_THREE = [3548440753277470824, 12227757754071428421]
ROWS_OF_TWO = [3468070424104879093, 11950856753455858914]
KEYS = [
    *(11572445235350278430, 16294208416658607535),
    *(16294208416658607535, 13337157112427824725),
]


def test_hashes_never_change() -> None:
    """Stored profiles hold these numbers, so no release may change them."""
    vectors = np.array([[1.0, 2.0, 3.0], [0.0, -1.5, 7.0]], np.float32)
    assert row_hashes(vectors).tolist() == ROWS_OF_THREE
    assert row_hashes(vectors[:, :2]).tolist() == ROWS_OF_TWO
    assert key_hashes(pa.array(["u1", "", None, "ü"])).tolist() == KEYS
    assert mixed(np.array([0, 1], np.uint64)).tolist() == [
        16294208416658607535,
        10451216379200822465,
    ]


@pytest.mark.parametrize("d", [1, 2, 7, 384])
def test_unequal_rows_have_unequal_hashes(d: int) -> None:
    """20,000 rows that differ in their last bits, and no collision."""
    bits = np.arange(20_000, dtype=np.uint32) + np.uint32(0x3F800000)
    vectors = np.ones((len(bits), d), np.float32)
    vectors[:, -1] = bits.view(np.float32)
    assert len(np.unique(row_hashes(vectors))) == len(bits)


def test_a_row_hashes_alike_in_any_company() -> None:
    """Neither order, nor memory layout, nor the other rows matter."""
    vectors = np.random.default_rng(0).normal(size=(50, 9)).astype(np.float32)
    found = row_hashes(vectors)
    assert np.array_equal(row_hashes(vectors[::-1]), found[::-1])
    assert np.array_equal(row_hashes(np.asfortranarray(vectors)), found)
    assert row_hashes(vectors[3:4])[0] == found[3]


@pytest.mark.parametrize("shift", [0, 7, 31, 59])
def test_every_few_bits_are_uniform(shift: int) -> None:
    """Any five bits of 64,000 hashes fall evenly into 32 cells: χ² of 31 below 70."""
    keys = key_hashes(pa.array([f"user-{i}" for i in range(64_000)]))
    cells = (keys >> np.uint64(shift)) & np.uint64(31)
    counts = np.bincount(cells.astype(np.intp), minlength=32)
    assert np.square(counts - 2000).sum() / 2000 < 70


def test_a_missing_key_is_an_empty_key() -> None:
    """Rows without an entity belong to one entity."""
    null, empty = key_hashes(pa.array([None, ""], pa.string()))
    assert null == empty


def test_a_key_hashes_alike_in_any_company(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a slice, beside other keys, and where there are too many to hash at once."""
    keys = pa.array([None if i % 7 == 0 else "k" * (i % 5) + str(i) for i in range(500)])
    found = key_hashes(keys)
    assert np.array_equal(key_hashes(keys.slice(30, 9)), found[30:39])
    monkeypatch.setattr("monitor.stats.hashing._AT_ONCE", 64)
    assert np.array_equal(key_hashes(keys), found)
    assert len(key_hashes(keys[:0])) == 0


def test_unequal_keys_have_unequal_hashes() -> None:
    """Numbers, prefixes of each other, and letters that changed places."""
    keys = [*(str(i) for i in range(50_000)), *("a" * n for n in range(1, 3000)), "ab", "ba"]
    assert len(np.unique(key_hashes(pa.array(keys)))) == len(keys)
