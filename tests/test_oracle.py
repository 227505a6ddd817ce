"""The profile against its slow, obvious formulation: row by row, in float64."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest

from monitor.basis import BUCKETS, LEADING, Basis
from monitor.batch import ROW_NULL, Batch
from monitor.fitting import fitted
from monitor.profiles import Profile, profile
from monitor.rowkeys import keys
from monitor.stats.components import CROSSED
from monitor.stats.features import UNIT
from monitor.stats.histograms import COMPONENT_BINS, SCALAR_BINS
from tests.rows import batch, topics

CLOSE = 1e-5
"""How far a sum may be off, in units of the sum of magnitudes: coordinates are float32."""
FLIPPED = 3
"""Rows that may fall on the other side of an edge between bins or clusters."""

Sums = dict[str, Any]


def rows() -> Batch:
    """900 rows in 40 dimensions, of which some are null, NaN, infinite or zero."""
    made = topics(900, np.random.default_rng(5), d=40)
    made[10:14], made[20, 3], made[30, 7] = 0, np.nan, np.inf
    found = batch(made, [f"u{i % 200}" for i in range(900)])
    found.status[40:45] = ROW_NULL
    found.vectors[40:45] = 0
    return found


def slow(some: Batch, basis: Basis) -> Sums:
    """Every sum of a profile, and the sum of magnitudes behind each, one row at a time."""
    bucket = keys(some).buckets(BUCKETS)
    sums: defaultdict[str, Any] = defaultdict(lambda: 0)
    for name in ("clusters", "quality", "component bins", "scalar bins"):
        sums[name] = Counter()
    for i, (vector, status) in enumerate(zip(some.vectors, some.status, strict=True)):
        x, b = vector.astype(np.float64), int(bucket[i])
        sums["quality"][b, "rows"] += 1
        if wrong := _wrong(x, int(status)):
            sums["quality"][b, wrong] += 1
            continue
        centred = x - basis.x0
        y = centred @ basis.components
        distances = np.linalg.norm(basis.codebook - y, axis=1)
        first, second = np.sort(distances)[:2]
        sums["clusters"][b, int(distances.argmin())] += 1
        angles = y @ basis.frequencies.astype(np.float64)
        of_bucket = np.zeros((BUCKETS, 1))
        of_bucket[b] = 1
        scalars = _scalars(x, centred, y, (first, second), basis)
        leading = y[:LEADING]
        grams = np.outer(y[:CROSSED], y[:CROSSED])[np.triu_indices(min(len(y), CROSSED))]
        for name, value in {
            "total": centred,
            "squares": centred**2,
            "y": of_bucket * y,
            "y squares": of_bucket * leading**2,
            "crossed": of_bucket * grams,
            "products": np.outer(y, y)[np.triu_indices(len(y))],
            "features": of_bucket * np.concatenate([np.cos(angles), np.sin(angles)]),
            "distance": np.array([first]),
            "distance squares": np.array([first**2]),
            "scalars": of_bucket * scalars,
            "scalar squares": of_bucket * scalars**2,
        }.items():
            sums[name] = sums[name] + value
            sums[f"|{name}|"] = sums[f"|{name}|"] + np.abs(value)
        low, width = basis.component_grid()
        for j, at in enumerate((leading - low) / width):
            sums["component bins"][j, int(np.clip(at, 0, COMPONENT_BINS - 1))] += 1
        edge, step = basis.scalar_grid()
        for j, at in enumerate((scalars - edge) / step):
            sums["scalar bins"][j, int(np.clip(at, 0, SCALAR_BINS - 1))] += 1
    return sums


def _wrong(x: np.ndarray[Any, np.dtype[np.float64]], status: int) -> str:
    """What is the matter with a row, if anything."""
    if status == ROW_NULL:
        return "null"
    if np.isnan(x).any():
        return "nan"
    if np.isinf(x).any():
        return "inf"
    return "" if x.any() else "zero"


def _scalars(x: Any, centred: Any, y: Any, nearest: tuple[float, float], basis: Basis) -> Any:
    """The scalars of a row, standardised, as `scalars.NAMES` describes them."""
    first, second = nearest
    energy, norm = centred @ centred, np.linalg.norm(x)
    outside = max(energy - y @ y, 0)
    cosine = x @ basis.x0 / norm / np.linalg.norm(basis.x0.astype(np.float64))
    raw = [
        np.log(norm),
        np.log(outside / energy + 1e-4),
        np.log(first + 1e-6 * basis.scale),
        (second - first) / second,
        cosine,
        np.log(np.abs(x).max()),
    ]
    return (np.array(raw) - basis.scalar_mean) / basis.scalar_deviation


@pytest.fixture(scope="module")
def both() -> tuple[Sums, Profile]:
    """The slow sums and the profile of the same rows, which leave the subspace of their basis."""
    known = topics(500, np.random.default_rng(6), d=40)
    known[:, 30:] = 0
    basis = fitted(known)
    return slow(rows(), basis), profile([rows()], basis)


SUMS = {
    "total": lambda p: p.moments.total,
    "squares": lambda p: p.moments.squares,
    "y": lambda p: p.components.total,
    "y squares": lambda p: p.components.squares,
    "crossed": lambda p: p.components.crossed,
    "products": lambda p: p.components.products,
    "features": lambda p: p.features.total * UNIT,
    "distance": lambda p: p.clusters.distance.sum(),
    "distance squares": lambda p: p.clusters.squares.sum(),
    "scalars": lambda p: p.scalars.total,
    "scalar squares": lambda p: p.scalars.squares,
}


@pytest.mark.parametrize("name", SUMS)
def test_sums_agree(both: tuple[Sums, Profile], name: str) -> None:
    """Within 1e-5 of the sum of magnitudes."""
    obvious, fast = both
    gap = np.abs(SUMS[name](fast) - obvious[name])
    assert (gap <= CLOSE * obvious[f"|{name}|"] + 1e-9).all(), gap.max()


def test_counts_agree(both: tuple[Sums, Profile]) -> None:
    """Quality exactly; of clusters and bins but for rows that lie on an edge."""
    obvious, fast = both
    counts = {
        (b, name): int(fast.quality.counts[b, i])
        for b in range(BUCKETS)
        for i, name in enumerate(fast.quality.COUNTERS)
    }
    assert {key: n for key, n in counts.items() if n} == dict(obvious["quality"])
    for name, held in (
        ("clusters", fast.clusters.counts),
        ("component bins", fast.histograms.components),
        ("scalar bins", fast.histograms.scalars),
    ):
        slow_counts = np.zeros_like(held)
        for place, n in obvious[name].items():
            slow_counts[place] = n
        assert np.abs(held - slow_counts).sum() <= 2 * FLIPPED, name
