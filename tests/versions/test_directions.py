"""Directions are kept by rotations and lost by noise."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions.directions import Directions, directions

N = 60
PAIRS = [(f"man{i}", f"woman{i}") for i in range(20)]


def words(seed: int = 0) -> np.ndarray:
    """Twenty men, the women one step away, and twenty others, in 24 dimensions."""
    rng = np.random.default_rng(seed)
    men, others = rng.normal(size=(20, 24)), rng.normal(size=(20, 24))
    step = 3 * np.eye(24)[0]
    return np.vstack([men, men + step + 0.1 * rng.normal(size=(20, 24)), others])


IDS = pa.array([f"{kind}{i}" for kind in ("man", "woman", "other") for i in range(20)])


def compared(b: np.ndarray) -> Directions:
    """The pairs in the words and in another version of them."""
    return directions(Items(IDS, words()), Items(IDS, b), PAIRS, np.random.default_rng(0))


def test_a_rotation_keeps_the_step() -> None:
    """All women are found from the men, before and after."""
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(24, 24)))[0]
    found = compared(words() @ turn)
    assert found.hits_a.value == found.hits_b.value == 1.0
    assert found.coherence_b.value == pytest.approx(found.coherence_a.value, abs=1e-5)
    assert found.to_dict()["broken"] == []


def test_a_version_that_lost_the_step_names_the_pairs() -> None:
    """Women at random: nothing leads to them."""
    b = words()
    b[20:40] = np.random.default_rng(2).normal(size=(20, 24))
    found = compared(b)
    assert found.coherence_b.value < 0.3 < found.coherence_a.value
    assert found.hits_b.value < 0.5
    assert len(found.to_dict()["broken"]) == round(20 * (1 - found.hits_b.value))


def test_unknown_ids_and_too_few_pairs_are_refused() -> None:
    """Both are named."""
    items = Items(IDS, words(), name="words")
    rng = np.random.default_rng(0)
    with pytest.raises(UsageError) as caught:
        directions(items, items, [*PAIRS, ("man1", "nobody")], rng)
    assert caught.value.message == "'nobody' is no id of words"
    with pytest.raises(UsageError) as caught:
        directions(items, items, PAIRS[:2], rng)
    assert caught.value.message == "2 pairs make no direction"
