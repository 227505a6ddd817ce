"""Vectors under wrong ids find their owners."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.batch import Items
from monitor.versions import matching
from monitor.versions.frames import Frame
from monitor.versions.identity import row_facts
from monitor.versions.matching import Matches, constant_offset, matches
from monitor.versions.pairing import Pairs, pairing

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 16)).astype(np.float32)
IDS = pa.array([str(i) for i in range(300)])
SAME = Frame("same", 1.0, width=16)


def found(y: np.ndarray, suspects: np.ndarray) -> Matches:
    """Matches of these suspects of the version y."""
    pairs = Pairs(Items(IDS, X), Items(IDS, y), pairing(IDS, IDS))
    return matches(pairs, row_facts(pairs), SAME, suspects, 0.05)


@pytest.mark.parametrize("noise", [0.0, 0.01])
def test_rows_find_their_owners(noise: float) -> None:
    """Equal to the bit, or near."""
    rows = np.arange(100, 120)
    y = X.copy()
    y[rows] = X[rows + 3] + noise * RNG.normal(size=(20, 16)) / 4
    matched = found(y, rows)
    assert matched.pairs.tolist() == rows.tolist()
    assert matched.owners.tolist() == (rows + 3).tolist()
    assert constant_offset(np.arange(300), matched) == (3, 1.0)


def test_rows_of_nobody_find_nobody() -> None:
    """Random rows, and rows that hold their own vector."""
    y = X.copy()
    y[:20] = RNG.normal(size=(20, 16))
    assert len(found(y, np.arange(40)).pairs) == 0


def test_in_few_dimensions_nearness_proves_nothing() -> None:
    """In the plane any direction is near another's; that is no owner."""
    plane, other = RNG.normal(size=(2, 300, 2)).astype(np.float32)
    pairs = Pairs(Items(IDS, plane), Items(IDS, other), pairing(IDS, IDS))
    frame = Frame("same", 1.0, width=2)
    matched = matches(pairs, row_facts(pairs), frame, np.arange(300), 0.05)
    assert matched.share < 0.5


def test_a_sample_stands_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noisy suspects beyond the limit are sampled, and nearly all of a sample stand for all."""
    monkeypatch.setattr(matching, "_MOST_SEARCHED", 50)
    y = np.roll(X, 1, axis=0) + 0.001 * RNG.normal(size=X.shape).astype(np.float32)
    matched = found(y, np.arange(300))
    assert matched.searched == 50
    assert matched.stands_for_all
    assert len(matched.suspects) == 300
