"""Cards stand in for versions whose vectors are gone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.version_cases import CASES, Scene, scene
from monitor.batch import Items
from monitor.errors import FrameError, UsageError
from monitor.packed import packed
from monitor.versions import Card, card, card_from, card_measures, compare


def cards(s: Scene, name: str) -> tuple[Card, Card]:
    """Cards of both versions of a case, through bytes."""
    a, b = card(s.a), card(CASES[name](s).b)
    return card_from(a.to_bytes()), card_from(b.to_bytes())


@pytest.mark.parametrize(
    "name", ["identical", "rotation", "new encoder", "30 % of another encoder", "ids shuffled, all"]
)
def test_the_cause_is_found_from_cards_alone(name: str) -> None:
    """The canaries of both cards are the same items, and tell the same story."""
    s = scene(0, 1500)
    a, b = cards(s, name)
    assert a.ids.equals(b.ids)
    assert compare(a.items, b.items).diagnosis[0].cause == CASES[name](s).cause


def test_cards_know_the_whole_versions() -> None:
    """Neighbours among all items and the share of equal rows, as the vectors would tell."""
    s = scene(1, 1500)
    a, b = cards(s, "30 % of another encoder")
    found, whole = card_measures(a, b), compare(s.a, CASES["30 % of another encoder"](s).b)
    assert whole.measures is not None
    assert found["shared_ids"].value == 1.0
    # Jaccard of n rows of which the share s is equal: s / (2 − s).
    assert found["equal_rows"].value == pytest.approx(0.7 / 1.3, abs=0.04)
    overlap = whole.measures["knn_overlap@10"].value
    assert found["knn_overlap@10_full"].value == pytest.approx(overlap, abs=0.03)
    same = card_measures(a, a)
    assert same["axes_overlap"].value == pytest.approx(1)
    assert same["equal_rows"].value == same["knn_overlap@50_full"].value == 1.0


def test_a_card_is_small_and_its_order_does_not_matter() -> None:
    """At most 1.2 MB; rows in another order make the same hashes."""
    s = scene(2, 2000)
    made = card(s.a)
    assert len(made.to_bytes()) < 1_200_000
    order = s.rng.permutation(2000)
    turned = card(Items(s.a.ids.take(order), s.x[order]))
    for key in ("ids_hash", "content_hash"):
        assert turned.header[key] == made.header[key]
    np.testing.assert_array_equal(turned.row_sketch, made.row_sketch)
    assert turned.ids.equals(made.ids)


def test_other_bytes_are_no_card() -> None:
    """Neither noise nor another packed file."""
    with pytest.raises(FrameError):
        card_from(b"noise")
    with pytest.raises(UsageError) as caught:
        card_from(packed({"x": np.zeros(1)}, {"kind": "profile"}))
    assert caught.value.message == "these bytes are no card"
