"""Exact nearest neighbours by blocks, and the tie-aware share of them that two versions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Int64
from monitor.versions.pairing import blocks, float32

Metric = Literal["cosine", "ip", "l2"]

TIE = 1e-5
"""Similarities (cosine, or of the same size) nearer than this count as tied."""

_QUERY_BLOCK = 512


@dataclass(frozen=True, eq=False)
class Pool:
    """Rows `rows` (n,) of `vectors` as seen by a metric; a position is 0 … n−1."""

    vectors: npt.NDArray[np.floating[Any]]
    rows: Int64
    metric: Metric

    def __len__(self) -> int:
        return len(self.rows)

    def points(self, positions: npt.NDArray[np.intp]) -> Float32:
        """Vectors (m, d) at these positions; of unit length under cosine, zero rows stay zero."""
        found = float32(self.vectors[self.rows[positions]])
        return unit(found) if self.metric == "cosine" else found


@dataclass(frozen=True, eq=False)
class Nearest:
    """The k nearest of m queries, nearest first.

    positions: (m, k) in the pool, −1 where the pool is too small; similarity: (m, k) cosine, inner
    product, or minus half the squared distance.
    """

    positions: Int64
    similarity: Float32


def unit(rows: Float32) -> Float32:
    """Rows (n, d) at length one; zero rows stay zero.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)).round(2).tolist()
    [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    # Scaled first: the squares of great or tiny values would leave float32.
    most = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    sized = rows / np.where(most > 0, most, 1.0)
    norms = np.linalg.norm(sized, axis=1, keepdims=True)
    return np.asarray(sized / np.where(norms > 0, norms, 1.0), np.float32)


def nearest(
    pool: Pool, queries: Float32, own: Int64, k: int, ties: Float32 | None = None
) -> Nearest:
    """Exact nearest neighbours in `pool` of `queries` (m, d), without each one's `own` position.

    own: (m,) positions to leave out, −1 for none. ties: (n,) numbers in [0, 1) that order
    what is nearer than `TIE`; give both versions the same, so that ties break alike.
    """
    centre, scale = _frame(pool)
    queries = queries - centre
    best = np.full((len(queries), 0), -np.inf, np.float32)
    at = np.full((len(queries), 0), -1, np.int64)
    for positions in blocks(np.arange(len(pool)), queries.shape[1]):
        block = pool.points(positions) - centre
        half = 0.5 * (block * block).sum(axis=1) if pool.metric == "l2" else np.float32(0)
        shift = half + (0 if ties is None else TIE * scale * ties[positions])
        least = best.min(axis=1) if best.shape[1] == k else np.full(len(best), -np.inf)
        found, where = _block_best(queries, block, shift, own - positions[0], (k, least))
        best, at = np.hstack([best, found]), np.hstack([at, where + positions[0]])
        best, at = _kept(best, at, k)
    order = np.argsort(-best, axis=1, kind="stable")
    best, at = np.take_along_axis(best, order, 1), np.take_along_axis(at, order, 1)
    if pool.metric == "l2":
        best = best - 0.5 * (queries * queries).sum(axis=1, keepdims=True)
    return Nearest(np.where(np.isfinite(best), at, -1), best)


def overlap(a: Int64, b: Int64, k: int) -> npt.NDArray[np.float64]:
    """Share (m,) of the first k neighbours (m, ≥ k) that stand in both; −1 is nobody.

    >>> overlap(np.array([[1, 2], [3, 4]]), np.array([[2, 1], [3, 5]]), 2).tolist()
    [1.0, 0.5]
    """
    shared = (a[:, :k, None] == b[:, None, :k]) & (a[:, :k, None] >= 0)
    return np.asarray(shared.any(axis=2).sum(axis=1) / k)


def jaccard(a: Int64, b: Int64, k: int) -> npt.NDArray[np.float64]:
    """Jaccard similarity (m,) of the sets of the first k neighbours.

    >>> jaccard(np.array([[1, 2], [3, 4]]), np.array([[2, 1], [3, 5]]), 2).round(3).tolist()
    [1.0, 0.333]
    """
    share = overlap(a, b, k)
    return np.asarray(share / (2 - share))


def _frame(pool: Pool) -> tuple[Float32, float]:
    """Centre to subtract (for the precision of l2) and the size of a similarity."""
    sample = pool.points(np.arange(len(pool))[:: max(1, len(pool) // 2000)])
    centre = sample.mean(axis=0) if pool.metric == "l2" and len(sample) else np.zeros(1)
    if pool.metric == "cosine" or not len(sample):
        return np.zeros(1, np.float32), 1.0
    scale = float(((sample - centre) ** 2).sum(axis=1).mean())
    return np.asarray(centre, np.float32), scale


def _block_best(
    queries: Float32, block: Float32, shift: Any, own: Int64, wanted: tuple[int, Float32]
) -> tuple[Float32, Int64]:
    """What of a block can be among the best of each query: similarity and position, unordered.

    wanted: k, and the least similarity (m,) that is still of use.
    """
    k, least = wanted
    found, where = [], []
    for start in range(0, len(queries), _QUERY_BLOCK):
        rows = slice(start, start + _QUERY_BLOCK)
        similarity = queries[rows] @ block.T
        similarity -= shift
        mine = own[rows]
        inside = np.flatnonzero((mine >= 0) & (mine < len(block)))
        similarity[inside, mine[inside]] = -np.inf
        some = _above(similarity, least[rows]) if np.isfinite(least[rows]).all() else None
        part = some or _kept(
            similarity, np.broadcast_to(np.arange(len(block)), similarity.shape), k
        )
        found.append(part[0])
        where.append(part[1])
    width = max(part.shape[1] for part in found)
    return np.vstack([_padded(part, width, -np.inf) for part in found]), np.vstack(
        [_padded(part, width, -1) for part in where]
    )


def _above(similarity: Float32, least: Float32) -> tuple[Float32, Int64]:
    """What lies above `least` (m,), each row's to the left, the rest −inf. Quicker than a
    partition, as little does once good neighbours are known."""
    rows, columns = np.nonzero(similarity > least[:, None])
    counts = np.bincount(rows, minlength=len(similarity))
    place = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    best = np.full((len(similarity), int(counts.max(initial=0))), -np.inf, np.float32)
    at = np.full(best.shape, -1, np.int64)
    best[rows, place], at[rows, place] = similarity[rows, columns], columns
    return best, at


def _padded(part: npt.NDArray[Any], width: int, fill: float) -> npt.NDArray[Any]:
    return np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=fill)


def _kept(best: Float32, at: Int64, k: int) -> tuple[Float32, Int64]:
    if best.shape[1] <= k:
        return best, at
    part = np.argpartition(-best, k - 1, axis=1)[:, :k]
    return np.take_along_axis(best, part, 1), np.take_along_axis(at, part, 1)
