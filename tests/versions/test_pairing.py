"""Versions pair by id: an outer join, in any row order."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.batch import Items
from monitor.versions.pairing import Pairs, pairing

ids = st.lists(st.one_of(st.none(), st.sampled_from("abcdefgh")), max_size=12)


@settings(deadline=None)
@given(ids, ids)
def test_a_pairing_is_an_outer_join_of_the_first_rows(a: list[str], b: list[str]) -> None:
    """Against dictionaries of the first row of each id."""
    first_a = {key: a.index(key) for key in a if key is not None}
    first_b = {key: b.index(key) for key in b if key is not None}
    found = pairing(pa.array(a, pa.string()), pa.array(b, pa.string()))
    both = sorted((first_a[key], first_b[key]) for key in first_a.keys() & first_b.keys())
    assert list(zip(found.rows_a, found.rows_b, strict=True)) == both
    assert sorted(found.only_a) == sorted(first_a[k] for k in first_a.keys() - first_b.keys())
    assert sorted(found.only_b) == sorted(first_b[k] for k in first_b.keys() - first_a.keys())
    assert found.nameless_a == a.count(None)
    assert found.nameless_b == b.count(None)
    assert found.duplicates_a == len(a) - a.count(None) - len(first_a)
    assert found.duplicates_b == len(b) - b.count(None) - len(first_b)


def test_pairs_give_rows_of_the_same_item() -> None:
    """Vectors follow the ids, not the row order; dictionary and large strings pair as well."""
    a = Items(pa.array(["x", "y", "z"]), np.arange(6, dtype=np.float16).reshape(3, 2))
    b = Items(pa.array(["z", "x"], pa.large_string()), np.arange(6.0).reshape(2, 3))
    pairs = Pairs(a, b, pairing(a.ids, b.ids))
    assert pairs.ids.to_pylist() == ["x", "z"]
    assert pairs.rows_a(np.arange(2)).tolist() == [[0, 1], [4, 5]]
    assert pairs.rows_b(np.arange(2)).tolist() == [[3, 4, 5], [0, 1, 2]]
    assert pairs.rows_a(np.arange(2)).dtype == np.float32
