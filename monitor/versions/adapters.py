"""Can queries of the new version be served by the old index until it is embedded again?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Int64
from monitor.versions.alignment import moments, procrustes, r2_of
from monitor.versions.linear import low_rank, ridge
from monitor.versions.measure import Measure, jsonable, mean_of
from monitor.versions.neighbours import Pool, nearest, overlap, unit
from monitor.versions.pairing import Pairs

K = 10
MOST_PAIRS = 20_000
MOST_ITEMS = 10_000
QUERIES = 300
FEWEST = 120
"""Fewer pairs give no adapter."""

SAFE = 0.95
"""From this recall without an adapter on, old and new vectors may stand in one index."""

BRIDGE = 0.9
"""An adapter is worth its while if it finds this share of what old queries find today."""

_HALF = 0.5

_CURVE = (100, 300, 1000, 3000, 10_000)
Map = Callable[[Float32], Float32]


@dataclass(frozen=True)
class Recall:
    """Of the 10 items a new query should find, the share found in the old index.

    of_new: against a full re-index; of_old: against what the old query finds in the old index.
    """

    of_new: Measure
    of_old: Measure

    def to_dict(self) -> dict[str, Any]:
        """`recall` with its interval is against a full re-index."""
        new, old = self.of_new, self.of_old
        names = ("recall", "low", "high", "recall_old", "low_old", "high_old")
        values = (new.value, new.low, new.high, old.value, old.low, old.high)
        return {name: jsonable(value) for name, value in zip(names, values, strict=True)}


@dataclass(frozen=True)
class Adapter:
    """A map from new vectors to old ones, judged on held-out items.

    name: rotation, ridge or low rank; r2: of the old vectors; pairs: it was fitted on; curve:
    the recall by fewer pairs.
    """

    name: str
    recall: Recall
    r2: Measure
    pairs: int
    curve: tuple[tuple[int, Recall], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON of an adapter."""
        return {
            "name": self.name,
            "pairs": self.pairs,
            **self.recall.to_dict(),
            "r2": jsonable(self.r2.value),
            "curve": [{"pairs": n, **recall.to_dict()} for n, recall in self.curve],
        }


@dataclass(frozen=True)
class Upgrade:
    """What to do with the old index: `safe to mix`, `bridge until re-indexed`, `re-index now`.

    why: sentences with the numbers; items, queries: that recall was measured with; plain: recall
    of new queries as they are, None where dimensions differ; old: recall of old queries on the
    old index, against a full re-index: what users lose by waiting.
    """

    advice: str
    why: tuple[str, ...]
    items: int
    queries: int
    plain: Recall | None
    old: Measure
    fits: tuple[Adapter, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of the advice."""
        return {
            "advice": self.advice,
            "why": list(self.why),
            "items": self.items,
            "queries": self.queries,
            "unadapted": None if self.plain is None else self.plain.to_dict(),
            "old_queries": {k: jsonable(v) for k, v in asdict(self.old).items()},
            "fits": [fit.to_dict() for fit in self.fits],
        }


def upgrade(pairs: Pairs, sound: npt.NDArray[np.intp], rng: np.random.Generator) -> Upgrade | None:
    """The advice for pairs that are `sound` (m,); None for fewer than 120.

    Recall is of queries left out of every fit, among up to 10,000 items.
    """
    if len(sound) < FEWEST:
        return None
    order = rng.permutation(sound)
    queries = order[: min(QUERIES, len(order) // 4)]
    scene = _Scene(pairs, np.concatenate([queries, order[len(queries) :][:MOST_ITEMS]]), queries)
    rows = order[len(queries) :][:MOST_PAIRS]
    x, y = pairs.rows_a(rows), pairs.rows_b(rows)
    same = x.shape[1] == y.shape[1]
    plain = scene.recall(scene.y, rng) if same else None
    fits = _judged(scene, (x, y), rng)
    old = mean_of(overlap(scene.new, scene.old, K), rng)
    advice, why = _advice(plain, fits, old)
    return Upgrade(advice, why, len(scene.members), len(queries), plain, old, fits)


class _Scene:
    """Both indexes over the same items, held-out queries, and what each should find."""

    def __init__(self, pairs: Pairs, members: Int64, queries: Int64) -> None:
        self.members, self._own = members, np.arange(len(queries))
        metric = pairs.a.metric
        self._index = Pool(pairs.a.vectors, pairs.pairing.rows_a[members], metric)
        new = Pool(pairs.b.vectors, pairs.pairing.rows_b[members], metric)
        self._unit = metric == "cosine"
        self.x, self.y = pairs.rows_a(queries), pairs.rows_b(queries)
        self.new = nearest(new, new.points(self._own), self._own, K).positions
        self.old = self._found(self.x)

    def recall(self, queries: Float32, rng: np.random.Generator) -> Recall:
        """Of queries (m, d) in the old index."""
        found = self._found(queries)
        of_new, of_old = overlap(self.new, found, K), overlap(self.old, found, K)
        return Recall(mean_of(of_new, rng), mean_of(of_old, rng))

    def _found(self, queries: Float32) -> Int64:
        points = unit(queries) if self._unit else queries
        return nearest(self._index, points, self._own, K).positions


def _judged(
    scene: _Scene, rows: tuple[Float32, Float32], rng: np.random.Generator
) -> tuple[Adapter, ...]:
    """The adapters fitted on all rows, and how they grew to it."""
    x, y = rows
    curves: dict[str, list[tuple[int, Recall]]] = {}
    for n in (n for n in _CURVE if n < 0.8 * len(x)):
        for name, image in _fitted(x[:n], y[:n]).items():
            curves.setdefault(name, []).append((n, scene.recall(image(scene.y), rng)))
    found = []
    for name, image in _fitted(x, y).items():
        landed = image(scene.y)
        r2 = r2_of(np.linalg.norm(scene.x - landed, axis=1), scene.x, rng)
        curve = tuple(curves.get(name, ()))
        found.append(Adapter(name, scene.recall(landed, rng), r2, len(x), curve))
    return tuple(found)


def _fitted(x: Float32, y: Float32) -> dict[str, Map]:
    """The maps from y (n, e) to x (n, d)."""
    full = ridge(y, x)
    rank = max(4, min(x.shape[1], y.shape[1]) // 6)
    return {
        "rotation": procrustes(moments([(y, x)])).image,
        "ridge": full.image,
        "low rank": low_rank(full, y, rank).image,
    }


def _advice(
    plain: Recall | None, fits: tuple[Adapter, ...], old: Measure
) -> tuple[str, tuple[str, ...]]:
    best = max(fits, key=lambda fit: fit.recall.of_new.value)
    why = [
        f"old queries on the old index find {_of(old)} of what a full re-index would find",
        f"new queries through the best adapter ({best.name}, {best.pairs:,} pairs) find "
        f"{_of(best.recall.of_new)} of that, and {_of(best.recall.of_old)} of what the old "
        "queries find today",
    ]
    if plain is not None:
        why.append(f"without an adapter they find {_of(plain.of_new)} of it")
    if plain is not None and plain.of_new.low >= SAFE:
        return "safe to mix", tuple(why)
    if best.recall.of_new.low >= max(_HALF, BRIDGE * old.low):
        return "bridge until re-indexed", tuple(why)
    return "re-index now", tuple(why)


def _of(share: Measure) -> str:
    return f"{share.value:.0%} (95 % interval {share.low:.0%} to {share.high:.0%})"
