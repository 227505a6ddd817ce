"""What users' queries find in two versions: which of them are hurt most."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Float64, Int64, Items
from monitor.errors import UsageError
from monitor.versions.lookup import usable
from monitor.versions.measure import Measure, mean_of
from monitor.versions.neighbours import Pool, nearest, unit
from monitor.versions.pairing import float32, pairing
from monitor.versions.texts import text_column

K = 10
MOST = 2000
_SHOWN = 20


@dataclass(frozen=True)
class Hurt:
    """A query that lost results. overlap: share of its 10 that stay; lost, gained: texts or ids of
    results, best first, at most five each."""

    id: str
    text: str | None
    overlap: float
    lost: tuple[str, ...]
    gained: tuple[str, ...]


@dataclass(frozen=True)
class Queries:
    """Overlap of the 10 results of n queries in both versions, and those hurt most."""

    n: int
    overlap: Measure
    hurt: tuple[Hurt, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of it."""
        worst = [asdict(one) for one in self.hurt]
        return {"n": self.n, "overlap": self.overlap.to_dict(), "hurt": worst}


def queries_hurt(
    versions: tuple[Items, Items], queries: tuple[Items, Items], rng: np.random.Generator
) -> Queries:
    """What the same queries, embedded for either version, find in all of it.

    queries: for the first and for the second version, paired by id; up to 2000 are sampled.
    Raises UsageError where their dimension is not the version's, or no query is usable.
    """
    for index, asked in zip(versions, queries, strict=True):
        if index.vectors.shape[1] != asked.vectors.shape[1]:
            raise UsageError(
                f"the queries {asked.name} have {asked.vectors.shape[1]} dimensions and "
                f"{index.name} has {index.vectors.shape[1]}",
                "embed them by that version's encoder: --queries for A, --queries-b for B",
            )
    rows = _common(queries, rng)
    results = [
        _results(index, asked, at) for index, asked, at in zip(versions, queries, rows, strict=True)
    ]
    shares = _shares(*results)
    texts = text_column(queries[0])
    hurt = []
    for i in np.argsort(shares, kind="stable")[:_SHOWN]:
        if shares[i] >= 1:
            break
        row = int(rows[0][i])
        said = None if texts is None else queries[0].columns[texts][row].as_py()
        before, after = results[0][i], results[1][i]
        hurt.append(
            Hurt(
                str(queries[0].ids[row].as_py()),
                said,
                float(shares[i]),
                _said(versions, [r for r in before if r not in set(after)]),
                _said(versions, [r for r in after if r not in set(before)]),
            )
        )
    chance = K / max(1, min(len(index) for index in versions))
    return Queries(len(shares), mean_of(shares, rng, chance), tuple(hurt))


def _common(queries: tuple[Items, Items], rng: np.random.Generator) -> tuple[Int64, Int64]:
    """Rows of queries that both sides have and can use."""
    joined = pairing(queries[0].ids, queries[1].ids)
    fine = [
        np.isin(rows, usable(asked))
        for rows, asked in zip((joined.rows_a, joined.rows_b), queries, strict=True)
    ]
    told = np.flatnonzero(fine[0] & fine[1])
    if not len(told):
        raise UsageError("no query is usable for both versions", "pair them by id: --id COLUMN")
    some = np.sort(rng.permutation(told)[:MOST])
    return joined.rows_a[some], joined.rows_b[some]


def _results(index: Items, asked: Items, rows: Int64) -> list[list[str]]:
    """Ids of the 10 nearest of each query."""
    pool = Pool(index.vectors, usable(index), index.metric)
    points = float32(asked.vectors[rows])
    points = unit(points) if index.metric == "cosine" else points
    found = nearest(pool, points, np.full(len(rows), -1), min(K, len(pool)))
    at = pool.rows[np.maximum(found.positions, 0)]
    ids = index.ids.take(pa.array(at.ravel())).to_pylist()
    width = at.shape[1]
    return [
        [one for one, p in zip(ids[i * width : (i + 1) * width], row, strict=True) if p >= 0]
        for i, row in enumerate(found.positions)
    ]


def _shares(before: list[list[str]], after: list[list[str]]) -> Float64:
    pairs = zip(before, after, strict=True)
    return np.array([len(set(a) & set(b)) / max(1, len(a), len(b)) for a, b in pairs])


def _said(versions: tuple[Items, Items], ids: list[str]) -> tuple[str, ...]:
    """Texts of the first five items, from the version that has them, else their ids."""
    few = ids[:5]
    found: list[str | None] = [None] * len(few)
    for index in versions:
        name = text_column(index)
        if name is not None and few:
            at = pc.index_in(pa.array(few, index.ids.type), value_set=index.ids)
            texts = index.columns[name].take(at).to_pylist()
            found = [
                one if one is not None else text for one, text in zip(found, texts, strict=True)
            ]
    return tuple(str(one if text is None else text) for one, text in zip(few, found, strict=True))
