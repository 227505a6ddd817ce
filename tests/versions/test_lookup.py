"""Neighbours of an item named by id or by words."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_data import read
from monitor.assets import sample_data
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import neighbors, neighbors_against

DISHES = read(sample_data() / "dishes_v1.parquet")


def test_by_id() -> None:
    """The id wins, and the nearest come first."""
    found = neighbors(DISHES, DISHES.ids[42].as_py(), 5)
    assert found["id"] == DISHES.ids[42].as_py()
    assert found["found_by"] == "id"
    near = [record["similarity"] for record in found["neighbors"]]
    assert near == sorted(near, reverse=True)
    assert len(near) == 5


def test_by_text_and_by_part_of_a_text() -> None:
    """`pancakes` in any case: the shortest such dish, near other such dishes."""
    text = DISHES.columns["text"][7].as_py()
    assert neighbors(DISHES, text)["found_by"] == "text"
    found = neighbors(DISHES, "pAnCakes")
    assert found["found_by"] == "part of text"
    assert "pancakes" in found["text"].lower()
    assert found["matches"] > 1
    assert found["also"]
    assert sum("pancake" in record["text"].lower() for record in found["neighbors"]) >= 4


def test_words_are_no_pattern() -> None:
    """Signs of regular expressions and of SQL stand for themselves."""
    items = Items(pa.array(["1", "2", "3"]), np.eye(3), {"text": pa.array(["a.b", "axb", "100 %"])})
    assert neighbors(items, ".B", 1)["id"] == "1"
    assert neighbors(items, "%", 1)["id"] == "3"


def test_nobody_of_that_name() -> None:
    """The error names what was asked, and the nearest id."""
    with pytest.raises(UsageError) as caught:
        neighbors(DISHES, "usda-000O")
    assert caught.value.message == "no id is 'usda-000O' and no text holds it"
    assert caught.value.hint.startswith("did you mean usda-")
    items = Items(pa.array(["1"]), np.eye(1))
    with pytest.raises(UsageError) as caught:
        neighbors(items, "zebra")
    assert (caught.value.message, caught.value.hint) == ("no id is 'zebra'", "ids look like 1")


def test_a_vector_that_cannot_be_near_anything() -> None:
    """A zero vector has no neighbours and is nobody's."""
    items = Items(
        pa.array(["zero", "nan", "x", "y"]), np.array([[0, 0], [np.nan, 1], [1, 0], [1, 1]])
    )
    with pytest.raises(UsageError) as caught:
        neighbors(items, "zero")
    assert caught.value.message == (
        "the vector of zero is zero or not finite, so nothing is near it"
    )
    assert [record["id"] for record in neighbors(items, "x")["neighbors"]] == ["y"]


def test_the_metric_is_the_items_own() -> None:
    """Under l2 the nearer of two parallel vectors wins, under ip the longer."""
    x = np.array([[1, 0], [2, 0], [9, 1]])
    ids = pa.array(["q", "near", "long"])
    first = {
        metric: neighbors(Items(ids, x, metric=metric), "q", 1)["neighbors"][0]
        for metric in ("l2", "ip")
    }
    assert (first["l2"]["id"], first["ip"]["id"]) == ("near", "long")
    assert first["l2"]["similarity"] == pytest.approx(-0.5)


def test_against_another_version() -> None:
    """Kept, gained and lost add up; what the other version lacks is gone."""
    other = read(sample_data() / "dishes_v2.parquet")
    item = other.ids[10].as_py()
    found = neighbors_against(DISHES, other, item, 10)
    near = {r["id"] for r in found["neighbors"]}
    lost = {r["id"] for r in found["lost"]}
    assert found["kept"] + len(lost) == 10 == found["kept"] + len(found["gained"])
    assert lost <= near
    known = set(other.ids.to_pylist())
    assert {r["id"] for r in found["lost"] if r["gone"]} == lost - known
    assert not any(r["gone"] for r in found["gained"])


def test_an_item_that_the_other_version_lacks() -> None:
    """The version is named."""
    other = read(sample_data() / "dishes_v2.parquet")
    missing = next(i for i in DISHES.ids.to_pylist() if i not in set(other.ids.to_pylist()))
    with pytest.raises(UsageError) as caught:
        neighbors_against(DISHES, other, missing)
    assert caught.value.message == f"{missing} is not in dishes_v2"
