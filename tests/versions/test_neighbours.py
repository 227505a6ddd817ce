"""Blocked neighbours are exact; overlap knows ties and copies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from monitor.versions import pairing
from monitor.versions.neighbours import Metric, Pool, jaccard, nearest, overlap, unit
from monitor.versions.ranking import agreement


def pool(vectors: np.ndarray, metric: Metric = "cosine") -> Pool:
    """A pool of all rows."""
    return Pool(vectors.astype(np.float32), np.arange(len(vectors)), metric)


def found(vectors: np.ndarray, k: int, metric: Metric = "cosine", ties: bool = False) -> np.ndarray:
    """Neighbours of all rows; `ties` breaks them in one order."""
    points = pool(vectors, metric)
    rows = np.arange(len(vectors))
    order = np.random.default_rng(9).random(len(vectors), np.float32) if ties else None
    return nearest(points, points.points(rows), rows, k, order).positions


@pytest.mark.parametrize("metric", ["cosine", "ip", "l2"])
@pytest.mark.parametrize("block", [2**8, 2**22])
def test_neighbours_are_those_of_scipy(
    metric: Metric, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one block and in many, for each metric, far from the origin."""
    monkeypatch.setattr(pairing, "BLOCK_VALUES", block)
    x = (np.random.default_rng(1).normal(size=(700, 6)) + 2).astype(np.float32)
    wide = x.astype(np.float64)
    apart = (
        -wide @ wide.T
        if metric == "ip"
        else cdist(wide, wide, {"l2": "euclidean"}.get(metric, metric))
    )
    np.fill_diagonal(apart, np.inf)
    exact = np.argsort(apart, axis=1)[:, :20]
    assert overlap(found(x, 20, metric), exact, 20).mean() > 0.999


def test_similarity_is_what_the_metric_says() -> None:
    """Cosine, inner product, and minus half the squared distance."""
    x = np.random.default_rng(2).normal(size=(30, 4)).astype(np.float32)
    expected = {
        "cosine": (unit(x) @ unit(x).T)[0],
        "ip": (x @ x.T)[0],
        "l2": -0.5 * cdist(x, x, "sqeuclidean")[0],
    }
    for metric, similarity in expected.items():
        points = pool(x, metric)
        near = nearest(points, points.points(np.array([0])), np.array([0]), 5)
        np.testing.assert_allclose(near.similarity[0], np.sort(similarity[1:])[::-1][:5], atol=1e-5)


def test_a_small_pool_gives_nobody() -> None:
    """Fewer others than k: −1 in their place."""
    assert (found(np.eye(3), 5) >= 0).sum(axis=1).tolist() == [2, 2, 2]


def test_the_overlap_of_equal_and_of_turned_data_is_whole() -> None:
    """A rotation changes no neighbour, ties or not."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 16))
    turn = np.linalg.qr(rng.normal(size=(16, 16)))[0]
    assert overlap(found(x, 10, ties=True), found(x @ turn, 10, ties=True), 10).mean() > 0.999


def test_copies_do_not_disturb_the_overlap() -> None:
    """Twenty exact copies of each vector, all tied, overlap wholly; nothing is lost to ties."""
    x = np.repeat(np.random.default_rng(4).normal(size=(20, 8)), 20, axis=0)
    assert overlap(found(x, 10, ties=True), found(x, 10, ties=True), 10).mean() == 1.0


def test_a_constant_version_overlaps_by_chance() -> None:
    """Where all are tied nobody is a neighbour by right."""
    x = np.random.default_rng(5).normal(size=(400, 8))
    share = overlap(found(x, 10, ties=True), found(np.ones((400, 8)), 10, ties=True), 10).mean()
    assert share == pytest.approx(10 / 399, abs=0.01)


def test_the_jaccard_of_embcompares_toy_pair() -> None:
    """France-Travail/embcompare's toy embeddings, k = 2: mean Jaccard (2 + 4/3) / 8; in order,
    the mean share that the first one and two have in common, 3 / 8."""
    a = [[4, 1], [5, 2], [1, 4], [2, 3], [5, 3], [3, 0], [1, 2], [-1, 2]]
    b = [[4, 1], [0, 3], [3, 3], [2, 3], [5, 3], [3, 0], [1, 2], [5, 1]]
    before, after = found(np.array(a), 2), found(np.array(b), 2)
    shares = jaccard(before, after, 2)
    by_name = dict(zip("abcdefgh", shares, strict=True))
    third = pytest.approx(1 / 3)
    assert by_name == {
        "a": third,
        "b": 0,
        "c": third,
        "d": 1,
        "e": third,
        "f": third,
        "g": 1,
        "h": 0,
    }
    assert shares.mean() == pytest.approx((2 + 4 / 3) / 8)
    assert agreement(before, after).mean() == pytest.approx(3 / 8)


def test_rows_of_zeros_stay_zeros_and_tiny_rows_do_not() -> None:
    """The length of rows near the edge of float32 is found without leaving it."""
    rows = np.array([[0, 0], [3e-30, 4e-30], [3e30, 4e30]], np.float32)
    np.testing.assert_allclose(unit(rows), [[0, 0], [0.6, 0.8], [0.6, 0.8]], rtol=1e-6)
