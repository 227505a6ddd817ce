"""Whether the old index can be bridged, told on real dishes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import CASES, scene
from monitor.batch import Items
from monitor.versions.adapters import Upgrade, upgrade
from monitor.versions.pairing import Pairs, pairing


def advised(a: Items, b: Items) -> Upgrade:
    """The advice for all rows."""
    pairs = Pairs(a, b, pairing(a.ids, b.ids))
    found = upgrade(pairs, np.arange(len(pairs)), np.random.default_rng(0))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("fp16 round trip", "safe to mix"),
        ("int8 export", "safe to mix"),
        ("rotation", "bridge until re-indexed"),
        ("ids shuffled, all", "re-index now"),
    ],
)
def test_the_advice(name: str, advice: str) -> None:
    """What may be mixed, what a rotation repairs, what nothing does."""
    s = scene(1, 900)
    assert advised(s.a, CASES[name](s).b).advice == advice


def test_a_rotation_is_learnt_and_grows_with_the_pairs() -> None:
    """All of the re-index is found through it, none without, and less with fewer pairs."""
    s = scene(2, 900)
    found = advised(s.a, CASES["rotation"](s).b)
    rotation = found.fits[0]
    assert rotation.name == "rotation"
    assert rotation.recall.of_new.value > 0.99
    assert found.plain is not None
    assert found.plain.of_new.value < 0.05
    (few, first), *_ = rotation.curve
    assert few == 100
    assert first.of_new.value < rotation.recall.of_new.value
    assert found.old.value == 1.0


def test_unlike_dimensions_have_no_unadapted_recall() -> None:
    """A truncated version cannot be searched as it is."""
    s = scene(3, 600)
    found = advised(s.a, s.version(s.x[:, :100]))
    assert found.plain is None
    assert found.to_dict()["unadapted"] is None


def test_too_few_pairs_have_no_adapter() -> None:
    """A hundred pairs are not enough to fit and to judge."""
    ids = pa.array([str(i) for i in range(100)])
    items = Items(ids, np.eye(100, dtype=np.float32))
    pairs = Pairs(items, items, pairing(ids, ids))
    assert upgrade(pairs, np.arange(100), np.random.default_rng(0)) is None
