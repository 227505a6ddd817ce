"""Queries against a corpus: which of them nothing in it is near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.batch import Float32, Float64, Int64, Items
from monitor.errors import UsageError
from monitor.versions.lookup import usable
from monitor.versions.measure import Measure, share_of
from monitor.versions.neighbours import Pool, nearest, unit
from monitor.versions.pairing import float32

MOST_QUERIES = 5000
REFERENCE_SHARE = 0.05
ITEM_SHARE = 0.01
"""Shares of the reference queries, and of the corpus's own items, that the limit leaves out."""

MOST_ITEMS = 20_000
"""Items of a corpus that all of a monitor's rows are held against; a random sample of more."""

_FEWEST_PER_TOPIC, _MOST_TOPICS = 25, 40


@dataclass(frozen=True, eq=False)
class Corpus:
    """Items that rows are held against, block by block."""

    pool: Pool

    def similarity(self, vectors: Float32) -> Float64:
        """Similarity (m,) of usable rows (m, d) to their nearest item; see `Coverage`."""
        points = unit(float32(vectors)) if self.pool.metric == "cosine" else float32(vectors)
        return _near(self.pool, points, np.full(len(points), -1))[0]


def corpus_of(items: Items, seed: int = 0) -> Corpus:
    """Up to 20,000 random usable items. Raises UsageError where there is none."""
    rows = np.random.default_rng(seed).permutation(usable(items))[:MOST_ITEMS]
    if not len(rows):
        raise UsageError(f"no vector of {items.name} is usable", "give items that are not zero")
    held = np.ascontiguousarray(items.vectors[np.sort(rows)], np.float32)
    return Corpus(Pool(held, np.arange(len(held)), items.metric))


@dataclass(frozen=True, eq=False)
class Coverage:
    """Whether m sampled queries find something near.

    rows: (m,) rows of the queries; similarity: (m,) to the nearest item (cosine, inner product,
    or minus half the squared distance); items: (m,) rows of that item; limit: the similarity
    below which nothing is near; limit_from: `given`, `reference queries` or `corpus`; share:
    of the queries that are covered; topics: (m,) a group of each query, by k-means.
    """

    rows: Int64
    similarity: Float64
    items: Int64
    limit: float
    limit_from: str
    share: Measure
    topics: Int64

    @property
    def uncovered(self) -> Int64:
        """Positions of the queries without a near item, the loneliest first."""
        order = np.argsort(self.similarity, kind="stable")
        return np.asarray(order[self.similarity[order] < self.limit], np.int64)


def coverage(
    queries: Items,
    corpus: Items,
    *,
    reference: Items | None = None,
    limit: float | None = None,
    seed: int = 0,
) -> Coverage:
    """Up to 5,000 queries against all items of a corpus, by the corpus's metric.

    The limit is calibrated so that 5 % of the `reference` queries, which are known to be
    served, lie below it; without any, so that 1 % of the corpus's items have no other item as
    near, which suits queries that are like items and is strict on short ones. Raises
    UsageError for unlike dimensions and where nothing is usable.
    """
    for side in (queries, reference):
        if side is not None and side.vectors.shape[1] != corpus.vectors.shape[1]:
            raise UsageError(
                f"{side.name} has {side.vectors.shape[1]} dimensions, {corpus.name} has "
                f"{corpus.vectors.shape[1]}",
                "embed the queries by the corpus's encoder",
            )
    rng = np.random.default_rng(seed)
    pool, rows = Pool(corpus.vectors, usable(corpus), corpus.metric), _some(queries, rng)
    if not len(pool) or not len(rows):
        raise UsageError("no vector is usable", "give queries and items that are not zero or NaN")
    points = _points(queries, rows, corpus.metric)
    near, at = _near(pool, points, np.full(len(rows), -1))
    cut, source = _limit(pool, reference, limit, rng)
    covered = int((near >= cut).sum())
    topics = _topics(unit(points), seed)
    share = share_of(covered, len(rows))
    return Coverage(rows, near, pool.rows[at], cut, source, share, topics)


def _limit(
    pool: Pool, reference: Items | None, given: float | None, rng: np.random.Generator
) -> tuple[float, str]:
    if given is not None:
        return given, "given"
    if reference is not None:
        rows = _some(reference, rng)
        if not len(rows):
            raise UsageError("no reference query is usable", "give others, or --limit")
        points = _points(reference, rows, pool.metric)
        similarity, _ = _near(pool, points, np.full(len(rows), -1))
        return float(np.quantile(similarity, REFERENCE_SHARE)), "reference queries"
    own = np.sort(rng.permutation(len(pool))[:MOST_QUERIES])
    similarity, _ = _near(pool, pool.points(own), own)
    return float(np.quantile(similarity, ITEM_SHARE)), "corpus"


def _some(queries: Items, rng: np.random.Generator) -> Int64:
    rows = usable(queries)
    return np.asarray(np.sort(rng.permutation(rows)[:MOST_QUERIES]), np.int64)


def _points(items: Items, rows: Int64, metric: str) -> Float32:
    points = float32(items.vectors[rows])
    return unit(points) if metric == "cosine" else points


def _near(pool: Pool, points: Float32, own: Int64) -> tuple[Float64, Int64]:
    """Similarity (m,) of the nearest item that is not one's own, and its position."""
    found = nearest(pool, points, own, 1)
    return found.similarity[:, 0].astype(np.float64), found.positions[:, 0]


def _topics(points: Float32, seed: int) -> Int64:
    """Groups (m,) of unit rows; one group where they are few."""
    from sklearn.cluster import KMeans

    k = min(_MOST_TOPICS, len(points) // _FEWEST_PER_TOPIC)
    if k < 2:
        return np.zeros(len(points), np.int64)
    return np.asarray(KMeans(k, n_init=1, random_state=seed).fit_predict(points), np.int64)
