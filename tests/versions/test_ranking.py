"""Order of neighbours, by the definitions written out."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.batch import Items
from monitor.versions.pairing import Pairs, pairing
from monitor.versions.ranking import rank_biased_overlap, rank_similarity, second_order


def lists(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Twenty pairs of lists of ten of fifteen items."""
    rng = np.random.default_rng(seed)
    draw = [rng.permutation(15)[:10] for _ in range(40)]
    return np.array(draw[:20]), np.array(draw[20:])


def test_rbo_is_equation_23_of_webber() -> None:
    """(1 − p)/p Σ pᵈ X_d/d + X_k/k pᵏ, with X_d the items that both first d share."""
    a, b = lists(0)
    p, k = 0.9, 10
    for first, second, found in zip(a, b, rank_biased_overlap(a, b), strict=True):
        shared = [len(set(first[:d]) & set(second[:d])) for d in range(1, k + 1)]
        total = sum(p**d * x / d for d, x in enumerate(shared, 1))
        assert found == pytest.approx((1 - p) / p * total + shared[-1] / k * p**k)


def test_rank_similarity_is_that_of_wang() -> None:
    """Each shared neighbour by its two ranks, over the same number in perfect order."""
    a, b = lists(1)
    for first, second, found in zip(a, b, rank_similarity(a, b), strict=True):
        ranks = [(i + 1, list(second).index(x) + 1) for i, x in enumerate(first) if x in second]
        weights = sum(2 / ((1 + abs(r - s)) * (r + s)) for r, s in ranks)
        best = sum(1 / i for i in range(1, len(ranks) + 1))
        assert found == pytest.approx(weights / best)


def test_lists_without_anything_in_common() -> None:
    """Zero; and nobody (−1) is in common with nobody."""
    a, b = np.array([[1, 2, -1]]), np.array([[3, 4, -1]])
    assert rank_biased_overlap(a, b).tolist() == [0.0]
    assert rank_similarity(a, b).tolist() == [0.0]


def test_second_order_is_the_cosine_of_both_profiles() -> None:
    """Over the union of the neighbours of either version."""
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 9, 4)).astype(np.float32)
    ids = pa.array([str(i) for i in range(9)])
    pairs = Pairs(Items(ids, x), Items(ids, y), pairing(ids, ids))
    near = np.array([[1, 2, 3]]), np.array([[3, 2, 7]])
    found = second_order(pairs, np.arange(9), np.array([0]), near)

    def profile(v: np.ndarray) -> np.ndarray:
        u = v / np.linalg.norm(v, axis=1, keepdims=True)
        return 1 - u[[1, 2, 3, 7]] @ u[0]

    a, b = profile(x), profile(y)
    assert found[0] == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), abs=1e-6)


def test_second_order_of_copies_and_of_nobody() -> None:
    """Copies stay copies: 1; copies that part: 0; no neighbours: nan."""
    x = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    ids = pa.array(["a", "b", "c"])
    pairs = Pairs(Items(ids, x), Items(ids, x[[0, 2, 1]]), pairing(ids, ids))
    same = Pairs(Items(ids, x), Items(ids, x), pairing(ids, ids))
    members, query = np.arange(3), np.array([0])
    lists, none = np.array([[1]]), np.array([[-1]])
    assert second_order(same, members, query, (lists, lists)).tolist() == [1.0]
    assert second_order(pairs, members, query, (lists, lists)).tolist() == [0.0]
    assert np.isnan(second_order(same, members, query, (none, none)))[0]
