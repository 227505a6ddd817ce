"""Fitting the frame, once, on a sample of the first reference."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis, Float32
from monitor.errors import Undecided
from monitor.frame import Frame
from monitor.parallel import at_once
from monitor.stats.scalars import NAMES

MAX_COMPONENTS = 256
FREQUENCIES = 256
MAX_CLUSTERS = 128
ROUNDS = 25
CANDIDATES = 6
KERNEL_COMPONENTS = 128
PIECE = 8192
MOST_PROJECTED = 20_000
"""Rows of the sample that are looked at beyond their covariance."""
BANDWIDTHS = (0.25, 0.5, 1.0)
"""Kernel bandwidths as multiples of the median distance between two rows."""


def fitted(
    rows: Float32,
    *,
    seed: int = 0,
    entity: str = "",
    fitted_buckets: int = 0,
    fine: bool = False,
) -> Basis:
    """The basis of a sample of usable rows (m, d), finite and not all zero, which are all rows of
    the first `fitted_buckets` buckets if these are to be left out of decisions.

    Clusters are √m / 2, or √(2m) if `fine`, at most 128: where both sides of a comparison are in
    the fit, a new topic has a centre of its own if there are enough; where windows to come are
    smaller than the fit, fewer clusters hold more rows each.

    Directions of no variance are left out: dead dimensions (ReLU networks have them) would
    swamp whatever divides by their deviation. Raises Undecided below 16 rows.
    """
    if len(rows) < 16:
        raise Undecided(f"{len(rows)} usable rows are too few to fit a basis", "give 16 or more")
    rng = np.random.default_rng(seed)
    x0 = rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    components, deviations = _principal(rows, x0)
    y = (rows[rng.permutation(len(rows))[:MOST_PROJECTED]] - x0) @ components
    scale = _median_distance(y, rng)
    frequencies = _frequencies(y.shape[1], scale, rng)
    clusters = int(np.sqrt(2 * len(rows)) if fine else np.sqrt(len(rows)) / 2)
    codebook, (feature_mean, feature_axes) = at_once(
        lambda: _centres(y[:10_000], min(MAX_CLUSTERS, max(2, clusters)), rng),
        lambda: _feature_axes(y, frequencies),
    )
    unscaled = Basis(
        x0=x0,
        components=components,
        deviations=deviations,
        frequencies=frequencies,
        codebook=codebook,
        feature_mean=feature_mean,
        feature_axes=feature_axes,
        scalar_mean=np.zeros(len(NAMES), np.float32),
        scalar_deviation=np.ones(len(NAMES), np.float32),
        scale=scale,
        seed=seed,
        entity=entity,
        rows=len(rows),
        fitted_buckets=fitted_buckets,
    )
    return _with_scalars(unscaled, rows)


def _principal(rows: Float32, x0: Float32) -> tuple[Float32, Float32]:
    """Principal directions (d, r) and the deviations along them (r,)."""
    d = rows.shape[1]
    pieces = (rows[start : start + PIECE] - x0 for start in range(0, len(rows), PIECE))
    values, vectors = np.linalg.eigh(_products(pieces, d) / (len(rows) - 1))
    values, vectors = values[::-1], vectors[:, ::-1]
    r = min(d, MAX_COMPONENTS, int((values > 1e-6 * values[0]).sum()))
    if r == 0 or values[0] <= 1e-12 * float(np.square(x0).sum()):
        raise Undecided("all vectors are equal: there is nothing to fit a basis to")
    strongest = np.abs(vectors[:, :r]).argmax(axis=0)
    signs = np.sign(vectors[strongest, np.arange(r)])
    directions = np.ascontiguousarray(vectors[:, :r] * signs, np.float32)
    return directions, np.sqrt(values[:r]).astype(np.float32)


def _products(pieces: Iterable[Float32], d: int) -> npt.NDArray[np.float64]:
    """Sum (d, d) of the products of the columns, over pieces of rows."""
    found = np.zeros((d, d))
    for piece in pieces:
        found += piece.T @ piece
    return found


def _median_distance(y: Float32, rng: np.random.Generator) -> float:
    pairs = rng.integers(0, len(y), (2, 4096))
    distances = np.linalg.norm(y[pairs[0]] - y[pairs[1]], axis=1)
    positive = distances[distances > 0]
    return float(np.median(positive)) if len(positive) else 1.0


def _frequencies(r: int, scale: float, rng: np.random.Generator) -> Float32:
    widths = np.resize(BANDWIDTHS, FREQUENCIES) * scale
    return (rng.standard_normal((r, FREQUENCIES)) / widths).astype(np.float32)


def _feature_axes(y: Float32, frequencies: Float32) -> tuple[Float32, Float32]:
    """Mean of the Fourier features and their leading principal axes over deviations."""
    angles = y @ frequencies
    features = np.hstack([np.cos(angles), np.sin(angles)])
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    pieces = (features[start : start + PIECE] - mean for start in range(0, len(y), PIECE))
    values, vectors = np.linalg.eigh(_products(pieces, features.shape[1]) / (len(y) - 1))
    leading = slice(None, -KERNEL_COMPONENTS - 1, -1)
    axes = vectors[:, leading] / np.sqrt(np.maximum(values[leading], 1e-6))
    return mean, np.ascontiguousarray(axes, np.float32)


def _centres(y: Float32, k: int, rng: np.random.Generator) -> Float32:
    """Centres (k, r) by k-means (Lloyd 1982); fewer where fewer rows differ.

    Written out, for scikit-learn's takes longer to import than all else here takes to run.
    """
    centres = _seeds(y, k, rng)
    half = 0.5 * np.square(centres).sum(axis=1)
    before = np.full(len(y), -1)
    for _ in range(ROUNDS):
        nearest = (y @ centres.T - half).argmax(axis=1)
        if (nearest == before).all():
            break
        by_centre = np.argsort(nearest, kind="stable")
        starts = np.searchsorted(nearest[by_centre], np.arange(len(centres) + 1))
        for i, (start, stop) in enumerate(pairwise(starts.tolist())):
            if start < stop:  # a centre that lost its rows stays where it was
                centres[i] = y[by_centre[start:stop]].mean(axis=0, dtype=np.float64)
        half, before = 0.5 * np.square(centres).sum(axis=1), nearest
    return centres


def _seeds(y: Float32, k: int, rng: np.random.Generator) -> Float32:
    """Rows far from each other: k-means++ (Arthur and Vassilvitskii 2007), each the best of a few
    candidates that are drawn by their squared distance to the nearest so far."""
    energy = np.square(y).sum(axis=1)
    columns = np.ascontiguousarray(y.T)  # with which a few rows are multiplied thrice as fast
    chosen = [int(rng.integers(len(y)))]
    gap = _gaps(columns, energy, chosen)[0]
    # What is within rounding of a chosen row is that row.
    while len(chosen) < k and gap.max() > 1e-5 * energy.max():
        share = np.cumsum(gap, dtype=np.float64)
        candidates = np.searchsorted(share, rng.random(CANDIDATES) * share[-1]).tolist()
        gaps = np.minimum(_gaps(columns, energy, candidates), gap)
        best = int(gaps.sum(axis=1, dtype=np.float64).argmin())
        chosen.append(candidates[best])
        gap = gaps[best]
    return y[chosen]


def _gaps(columns: Float32, energy: Float32, rows: list[int]) -> Float32:
    """Squared distances (rows, m) of some rows to all, given as columns (r, m)."""
    found = energy - 2 * (columns[:, rows].T @ columns) + energy[rows, None]
    found[np.arange(len(rows)), rows] = 0
    return np.asarray(np.maximum(found, 0), np.float32)


def _with_scalars(basis: Basis, rows: Float32) -> Basis:
    raw = Frame(basis).raw_scalars(rows[:MOST_PROJECTED]).astype(np.float64)
    # A scalar that hardly varies (the norm of unit vectors) keeps a floor, so that rounding
    # of the last bit is no event while a true rescaling is far outside.
    deviation = np.maximum(raw.std(axis=0), 1e-3)
    return replace(
        basis,
        scalar_mean=raw.mean(axis=0).astype(np.float32),
        scalar_deviation=deviation.astype(np.float32),
    )
