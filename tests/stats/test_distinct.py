"""HyperLogLog: close for few and for many, and lossless under merging."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.distinct import cardinality, registers
from monitor.stats.hashing import mixed


def hashes(start: int, stop: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Well-mixed hashes of the numbers from `start` up to `stop`."""
    return mixed(np.arange(start, stop, dtype=np.uint64))


@pytest.mark.parametrize("n", [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000])
def test_within_five_percent(n: int) -> None:
    """The standard error is 1.6 %, so five percent is three of them."""
    assert abs(cardinality(registers(hashes(0, n))) - n) <= max(0.05 * n, 0.5)


def test_repeats_do_not_count() -> None:
    """The same hashes again change nothing."""
    once = registers(hashes(0, 5000))
    twice = registers(np.tile(hashes(0, 5000), 2))
    assert np.array_equal(once, twice)


def test_merging_is_the_union() -> None:
    """The larger of each register is exactly the sketch of both sets together."""
    a, b = registers(hashes(0, 8000)), registers(hashes(4000, 12_000))
    assert np.array_equal(np.maximum(a, b), registers(hashes(0, 12_000)))


def test_nothing_was_seen() -> None:
    """Of no rows the estimate is zero."""
    assert cardinality(registers(hashes(0, 0))) == 0
