"""Which cosine of the new version is worth a cosine of the old one: thresholds carried over."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from monitor.batch import Float32, Float64
from monitor.versions.measure import jsonable
from monitor.versions.neighbourhood import Neighbourhood
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs

STEP = 0.05
_QUERIES = 200
_NEAR = 50
_FEWEST = 30


@dataclass(frozen=True)
class Threshold:
    """A threshold `a` on cosines of the first version, and its worth `b` in the second.

    low, high: middle 80 % of b's cosines at about `a`; pairs: seen within half a step of it;
    agree: share of the pairs above `a` or `b` that are above both.
    """

    a: float
    b: float
    low: float
    high: float
    pairs: int
    agree: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a threshold."""
        return {key: jsonable(value) for key, value in asdict(self).items()}


def score_map(
    pairs: Pairs, found: Neighbourhood, rng: np.random.Generator
) -> tuple[Threshold, ...]:
    """Thresholds at every .05 of the cosines of a, by isotonic regression (Barlow et al. 1972).

    Of sampled items to their 50 nearest in a and to as many random ones: chosen by what a says,
    so that b's cosines at each of a's are not. Levels with fewer than 30 pairs are left out.
    """
    before, after = _cosines(pairs, found, rng)
    if not len(before):
        return ()
    return tuple(
        _threshold(float(at), worth, before, after)
        for at, worth in _levels(before, after)
        if (np.abs(before - at) < STEP / 2).sum() >= _FEWEST
    )


def _levels(before: Float64, after: Float64) -> list[tuple[float, float]]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(out_of_bounds="clip").fit(before, after)
    low = np.ceil(before.min() / STEP) * STEP
    levels = np.round(np.arange(low, before.max() + 1e-9, STEP), 2)
    return list(zip(levels, fitted.predict(levels), strict=True))


def _threshold(at: float, worth: float, before: Float64, after: Float64) -> Threshold:
    near = np.abs(before - at) < STEP / 2
    low, high = np.quantile(after[near], [0.1, 0.9])
    above_a, above_b = before >= at, after >= worth
    either = int((above_a | above_b).sum())
    agree = float((above_a & above_b).sum() / either) if either else float("nan")
    return Threshold(at, float(worth), float(low), float(high), int(near.sum()), agree)


def _cosines(
    pairs: Pairs, found: Neighbourhood, rng: np.random.Generator
) -> tuple[Float64, Float64]:
    """Cosines (m,) of the same pairs of items in both versions."""
    n = len(found.members)
    queries, near = found.queries[:_QUERIES], found.near_a[:_QUERIES, :_NEAR]
    if n < 3:
        return np.zeros(0), np.zeros(0)
    others = rng.integers(n, size=near.shape)
    around = np.hstack([near, others])
    told = (around >= 0) & (around != queries[:, None])
    sides = [
        _to(read(found.members[queries]), read(found.members[around.clip(0).ravel()]))[told]
        for read in (pairs.rows_a, pairs.rows_b)
    ]
    return sides[0].astype(np.float64), sides[1].astype(np.float64)


def _to(queries: Float32, points: Float32) -> Float32:
    """Cosines (m, k) of queries (m, d) to their points (m k, d)."""
    sized = unit(points).reshape(len(queries), -1, points.shape[1])
    return np.asarray(np.einsum("id,ijd->ij", unit(queries), sized), np.float32)
