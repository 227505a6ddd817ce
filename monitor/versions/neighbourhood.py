"""The neighbours of sampled items in both versions, over the ids both have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64, Int64
from monitor.versions.dimension import two_nn
from monitor.versions.hubness import antihubs, hub_skew, hubs_kept
from monitor.versions.identity import RowFacts
from monitor.versions.measure import Measure, mean_of
from monitor.versions.neighbours import Pool, nearest, overlap, unit
from monitor.versions.pairing import Pairs
from monitor.versions.ranking import rank_biased_overlap, rank_similarity, second_order

K = 10
_KS = (1, 5, K, 50)
_MOST_QUERIES = 2000
_MANY_ITEMS = 20_000
"""Among more items than these, half as many are searched for, so that it takes less long."""

_FEW_QUERIES = 500
_COPY = 1e-3
"""Unit rows nearer than this are copies but for rounding."""


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Nearest neighbours of m sampled pairs among n pairs.

    members: (n,) pairs that are finite on both sides; of rows equal to each other on both
    sides one stands for all; queries: (m,) positions in members; near_a, near_b: (m, k)
    positions of the neighbours; ties: (n,) the common order of tied neighbours.
    """

    members: Int64
    queries: Int64
    near_a: Int64
    near_b: Int64
    ties: Float32

    def shares(self, k: int = K) -> Float64:
        """Tie-aware overlap (m,) of the k nearest of each query."""
        return overlap(self.near_a, self.near_b, k)


def neighbourhood(pairs: Pairs, facts: RowFacts, rng: np.random.Generator) -> Neighbourhood:
    """The neighbours of up to 2000 pairs (1000 among more than 20,000), by the metric of a.

    Ties: neighbours nearer to each other than rounding are taken in one random order on both
    sides, so that equal versions overlap wholly and a constant one by chance.
    """
    members = _members(facts)
    n = len(members)
    most = _MOST_QUERIES if n <= _MANY_ITEMS else _MOST_QUERIES // 2
    queries = np.sort(rng.permutation(n)[:most])
    ties = rng.random(n, np.float32)
    k = min(max(_KS), max(1, n - 1))
    pool_a = Pool(pairs.a.vectors, pairs.pairing.rows_a[members], pairs.a.metric)
    pool_b = Pool(pairs.b.vectors, pairs.pairing.rows_b[members], pairs.a.metric)
    if n < 2:
        nobody = np.full((n, 1), -1, np.int64)
        return Neighbourhood(members, queries, nobody, nobody, ties)
    near_a = nearest(pool_a, pool_a.points(queries), queries, k, ties).positions
    near_b = nearest(pool_b, pool_b.points(queries), queries, k, ties).positions
    return Neighbourhood(members, queries, near_a, near_b, ties)


def neighbour_measures(
    pairs: Pairs, found: Neighbourhood, rng: np.random.Generator
) -> dict[str, Measure]:
    """Overlap at 1, 5, 10 and 50, order of neighbours, hubs and intrinsic dimensions."""
    n = len(found.members)
    known, copy = _copied(pairs, found)
    floors = {k: overlap(known, copy, k) for k in _KS}
    measures = {}
    for k in (k for k in _KS if k <= max(1, (n - 1) // 2)):
        chance = k / (n - 1) if n > 1 else np.nan
        overlap_k = mean_of(found.shares(k), rng, chance)
        measures[f"knn_overlap@{k}"] = overlap_k.with_floor(mean_of(floors[k], rng))
    if n > K:
        measures |= _orders(pairs, found, (known, copy), rng)
        sides = ("a", pairs.rows_a, found.near_a), ("b", pairs.rows_b, found.near_b)
        for side, read, near in sides:
            distances = _two_nearest(read, found, near)
            measures[f"intrinsic_dimension_{side}"] = two_nn(*distances)
    for side, near in (("a", found.near_a), ("b", found.near_b)):
        measures[f"hub_skew_{side}"] = hub_skew(near[:, :K], n, rng)
        measures[f"antihubs_{side}"] = antihubs(near[:, :K], n)
    measures["hubs_kept"] = hubs_kept(found.near_a[:, :K], found.near_b[:, :K], n)
    return measures


def _orders(
    pairs: Pairs, found: Neighbourhood, copied: tuple[Int64, Int64], rng: np.random.Generator
) -> dict[str, Measure]:
    """How the first ten neighbours are ordered and stand, with the floor of a copy of a."""
    near = found.near_a[:, :K], found.near_b[:, :K]
    some = slice(0, _FEW_QUERIES)
    around = second_order(pairs, found.members, found.queries[some], (near[0][some], near[1][some]))
    rbo = rank_biased_overlap(found.near_a, found.near_b)
    copy = [side[:, :K] for side in copied]
    floors = mean_of(rank_biased_overlap(*copied), rng), mean_of(rank_similarity(*copy), rng)
    return {
        "rbo": mean_of(rbo, rng).with_floor(floors[0]),
        "rank_similarity@10": mean_of(rank_similarity(*near), rng).with_floor(floors[1]),
        "second_order_cosine@10": mean_of(around, rng),
    }


def _two_nearest(
    read: Callable[[npt.NDArray[np.intp]], Float32], found: Neighbourhood, near: Int64
) -> tuple[Float64, Float64]:
    """Distances (m,) of sampled queries, as unit rows, to the first two that are no copies."""
    some = slice(0, _FEW_QUERIES * 2)
    centre = unit(read(found.members[found.queries[some]]))
    around = near[some, :K]
    points = unit(read(found.members[np.maximum(around, 0).ravel()]))
    apart = np.linalg.norm(centre[:, None] - points.reshape(*around.shape, -1), axis=2)
    apart[(around < 0) | (apart < _COPY)] = np.inf
    apart.sort(axis=1)
    return apart[:, 0].astype(np.float64), apart[:, 1].astype(np.float64)


def half_copy(rows: Float32) -> Float32:
    """`rows` after a round trip through float16, scaled by √2 before and back after, so that
    rows that are on the float16 grid already are rounded as well."""
    scale = np.float32(np.sqrt(2.0) / (np.abs(rows).max(initial=0.0) or 1.0))
    return np.asarray((rows * scale).astype(np.float16).astype(np.float32) / scale, np.float32)


def inner_product_overlap(
    pairs: Pairs, found: Neighbourhood, rng: np.random.Generator
) -> tuple[Measure, Measure]:
    """For both versions, the share of 10 cosine neighbours that the inner product finds too."""
    some = found.queries[:_FEW_QUERIES]
    sides = (
        (pairs.a.vectors, pairs.pairing.rows_a),
        (pairs.b.vectors, pairs.pairing.rows_b),
    )
    shares = []
    for vectors, rows in sides:
        pools = [Pool(vectors, rows[found.members], metric) for metric in ("cosine", "ip")]
        both = [nearest(p, p.points(some), some, K, found.ties).positions for p in pools]
        shares.append(mean_of(overlap(both[0], both[1], K), rng))
    return shares[0], shares[1]


def full_pool_overlap(pairs: Pairs, facts: RowFacts, rng: np.random.Generator) -> Measure:
    """Overlap at 10 of what a search over each whole version finds: its other items too."""
    members = np.flatnonzero(facts.finite_a & facts.finite_b)
    some = np.sort(rng.permutation(len(members))[:_FEW_QUERIES])
    near = []
    for items, rows, alone in (
        (pairs.a, pairs.pairing.rows_a, pairs.pairing.only_a),
        (pairs.b, pairs.pairing.rows_b, pairs.pairing.only_b),
    ):
        alone = alone[np.isfinite(items.vectors[alone]).all(axis=1)]
        pool = Pool(items.vectors, np.concatenate([rows[members], alone]), pairs.a.metric)
        found = nearest(pool, pool.points(some), some, K).positions
        near.append(np.where(found < len(members), found, -1))
    return mean_of(overlap(near[0], near[1], K), rng, K / max(1, len(members) - 1))


def _members(facts: RowFacts) -> Int64:
    """Pairs that are finite on both sides, the first of those that are equal on both."""
    finite = np.flatnonzero(facts.finite_a & facts.finite_b)
    both = np.stack([facts.hash_a[finite], facts.hash_b[finite]], axis=1)
    _, first = np.unique(both, axis=0, return_index=True)
    return np.asarray(finite[np.sort(first)], np.int64)


def _copied(pairs: Pairs, found: Neighbourhood) -> tuple[Int64, Int64]:
    """Neighbours (m, k) of some queries in the first version, and in its `half_copy`."""
    step = max(1, len(found.queries) // _FEW_QUERIES)
    some, known = found.queries[::step], found.near_a[::step]
    pool = _HalfPool(pairs.a.vectors, pairs.pairing.rows_a[found.members], pairs.a.metric)
    k = found.near_a.shape[1]
    return known, nearest(pool, pool.points(some), some, k, found.ties).positions


class _HalfPool(Pool):
    """A pool of float16 copies."""

    def points(self, positions: npt.NDArray[np.intp]) -> Float32:
        """Copies (m, d) of the points at these positions."""
        return half_copy(super().points(positions))
