"""How neighbours are ordered in two versions, and how far they stand, not only who they are."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64, Int64
from monitor.versions.neighbours import TIE, unit
from monitor.versions.pairing import Pairs

PERSISTENCE = 0.9
"""Chance of looking one rank further down: ten neighbours hold about 86 % of the weight."""

_BLOCK = 256


def rank_biased_overlap(a: Int64, b: Int64, p: float = PERSISTENCE) -> Float64:
    """Extrapolated rank-biased overlap (m,) of two lists (m, k) of neighbours, in [0, 1].

    Webber, Moffat and Zobel 2010, equation 23: agreement at every depth, the first ranks
    weighing most. Lists of one length; −1 is nobody.

    >>> a, b = np.array([[1, 2], [1, 2]]), np.array([[1, 2], [2, 1]])
    >>> rank_biased_overlap(a, b).round(3).tolist()
    [1.0, 0.9]
    """
    depth = np.arange(1, a.shape[1] + 1)
    shared = agreement(a, b)
    weights = (1 - p) / p * p**depth
    return np.asarray((weights * shared).sum(axis=1) + shared[:, -1] * p ** depth[-1])


def agreement(a: Int64, b: Int64) -> Float64:
    """Share (m, k) of the first 1 … k that stand in both lists."""
    k = a.shape[1]
    rank_b = ranks_in(a, b)
    # An item of a at rank i that is at rank j of b is shared from depth max(i, j) on.
    since = np.maximum(np.arange(k), rank_b)
    shared = since[:, :, None] <= np.arange(k)
    shared &= (rank_b >= 0)[:, :, None]
    return np.asarray(shared.sum(axis=1) / np.arange(1, k + 1))


def ranks_in(a: Int64, b: Int64) -> Int64:
    """Place (m, k), from 0, of each of a's neighbours in the list of b; −1 where it is not."""
    same = (a[:, :, None] == b[:, None, :]) & (a[:, :, None] >= 0)
    return np.where(same.any(axis=2), same.argmax(axis=2), -1)


def rank_similarity(a: Int64, b: Int64) -> Float64:
    """How alike the shared neighbours are ranked (m,), in [0, 1]; 0 where none is shared.

    Wang et al. 2020: each shared neighbour weighs 2 / ((1 + |r − s|)(r + s)), r and s its ranks
    from 1, over what a list of as many in the same order would weigh.

    >>> rank_similarity(np.array([[1, 2], [1, 2]]), np.array([[1, 2], [2, 3]])).round(3).tolist()
    [1.0, 0.333]
    """
    k = a.shape[1]
    place = ranks_in(a, b)
    r, s = np.arange(1, k + 1)[None, :], place + 1
    weight = np.where(place >= 0, 2 / ((1 + np.abs(r - s)) * (r + s)), 0.0)
    count = (place >= 0).sum(axis=1)
    best = np.concatenate([[1.0], np.cumsum(1 / np.arange(1, k + 1))])
    return np.asarray(weight.sum(axis=1) / best[np.maximum(count, 0)])


def second_order(
    pairs: Pairs, members: Int64, queries: npt.NDArray[np.intp], near: tuple[Int64, Int64]
) -> Float64:
    """Cosine (m,) of each query's distances to the neighbours it has in either version.

    Wang et al. 2020, after Hamilton, Leskovec and Jurafsky 2016: 1 where it stands to all of them
    as before. near: (m, k) positions in `members` of both versions' neighbours; −1 is nobody.
    Distances are 1 − cosine; copies of a query, at no distance in both versions, are as before;
    nan without neighbours.
    """
    found = []
    for start in range(0, len(queries), _BLOCK):
        rows = slice(start, start + _BLOCK)
        around = np.hstack([near[0][rows], near[1][rows]])
        # An item that stands in both lists counts once.
        twice = np.zeros_like(around, bool)
        twice[:, near[0].shape[1] :] = ranks_in(near[1][rows], near[0][rows]) >= 0
        told = (around >= 0) & ~twice
        before, after = (
            np.where(told, _distances(read, members, queries[rows], around), 0.0)
            for read in (pairs.rows_a, pairs.rows_b)
        )
        found.append(np.where(told.any(axis=1), _row_cosines(before, after), np.nan))
    return np.concatenate(found) if found else np.zeros(0)


def _row_cosines(x: Float64, y: Float64) -> Float64:
    """Cosine (m,) of each row of x with that of y; 1 where both are zero."""
    size_x, size_y = np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1)
    both = size_x * size_y
    known = np.divide((x * y).sum(axis=1), both, out=np.zeros(len(x)), where=both > 0)
    return np.where((size_x == 0) & (size_y == 0), 1.0, known)


def _distances(
    read: Callable[[npt.NDArray[np.intp]], Float32],
    members: Int64,
    queries: npt.NDArray[np.intp],
    around: Int64,
) -> Float64:
    """1 − cosine (m, k) of queries to the positions (m, k) around them; ties with 0 are 0."""
    centre = unit(read(members[queries]))
    points = unit(read(members[np.maximum(around, 0).ravel()]))
    cosines = np.einsum("id,ijd->ij", centre, points.reshape(*around.shape, -1), dtype=np.float64)
    return np.where(1 - cosines > TIE, 1 - cosines, 0.0)
