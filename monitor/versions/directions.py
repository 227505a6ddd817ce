"""Directions: are king − man and queen − woman the same step, and in both versions?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Float32, Float64, Int64, Items
from monitor.errors import UsageError
from monitor.versions.lookup import usable
from monitor.versions.measure import Measure, mean_of
from monitor.versions.neighbours import Pool, nearest, unit
from monitor.versions.pairing import float32

K = 10
FEWEST = 3


@dataclass(frozen=True)
class Step:
    """One pair of ids, and whether the others' mean step leads from the first to the second:
    hit_a, hit_b: among the ten nearest in that version."""

    start: str
    end: str
    hit_a: bool
    hit_b: bool


@dataclass(frozen=True)
class Directions:
    """How alike the steps of a list of pairs are in two versions.

    coherence_a, coherence_b: mean cosine of a step with the mean of the others; hits_a, hits_b:
    share of pairs that the mean of the others' steps completes.
    """

    coherence_a: Measure
    coherence_b: Measure
    hits_a: Measure
    hits_b: Measure
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of it; `broken` are pairs completed in a alone."""
        names = ("coherence_a", "coherence_b", "hits_a", "hits_b")
        broken = [asdict(s) for s in self.steps if s.hit_a and not s.hit_b]
        measures = {name: getattr(self, name).to_dict() for name in names}
        return {"pairs": len(self.steps), **measures, "broken": broken}


def directions(
    a: Items, b: Items, pairs: Sequence[tuple[str, str]], rng: np.random.Generator
) -> Directions:
    """The steps of `pairs` of ids that lie on one relation, in both versions.

    A pair is judged by the others (leave one out), with unit vectors; its own start is no answer.
    Raises UsageError for an id that one version lacks and for fewer than 3 pairs.
    """
    if len(pairs) < FEWEST:
        raise UsageError(f"{len(pairs)} pairs make no direction", f"give at least {FEWEST}")
    found = [_judged(side, pairs) for side in (a, b)]
    steps = tuple(
        Step(start, end, bool(hit_a), bool(hit_b))
        for (start, end), hit_a, hit_b in zip(pairs, found[0][1], found[1][1], strict=True)
    )
    (coherence_a, hits_a), (coherence_b, hits_b) = (
        (mean_of(coherence, rng), mean_of(hits, rng)) for coherence, hits in found
    )
    return Directions(coherence_a, coherence_b, hits_a, hits_b, steps)


def _judged(items: Items, pairs: Sequence[tuple[str, str]]) -> tuple[Float64, Float64]:
    """Coherence (m,) and hit (m,) of each pair."""
    starts, ends = (_rows(items, [pair[side] for pair in pairs]) for side in (0, 1))
    start, end = (unit(float32(items.vectors[rows])) for rows in (starts, ends))
    step: Float32 = end - start
    others = (step.sum(axis=0) - step) / (len(step) - 1)
    coherence = (unit(step) * unit(others)).sum(axis=1).astype(np.float64)
    pool = Pool(items.vectors, usable(items), "cosine")
    own = np.searchsorted(pool.rows, starts)
    near = nearest(pool, unit(start + others), own, min(K, len(pool) - 1))
    hit = (pool.rows[near.positions.clip(0)] == ends[:, None]) & (near.positions >= 0)
    return coherence, hit.any(axis=1).astype(np.float64)


def _rows(items: Items, ids: Sequence[str]) -> Int64:
    at = pc.index_in(pa.array(ids, pa.string()), value_set=items.ids.cast(pa.string()))
    for name, row in zip(ids, at.to_pylist(), strict=True):
        if row is None:
            raise UsageError(
                f"{name!r} is no id of {items.name or 'a version'}", "give pairs that both have"
            )
    return np.asarray(at, np.int64)
