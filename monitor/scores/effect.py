"""How big a difference is, in units that do not depend on how many rows were seen."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np

from monitor.basis import LEADING, Basis
from monitor.profiles import Profile
from monitor.scores.totals import Float64
from monitor.stats.scalars import NAMES

GATES = {"tv_clusters": 0.02, "mean_sd": 0.05, "auc": 0.55, "residual_ratio": 0.05}
"""What counts as an effect; residual_ratio as distance from one, either way."""


@dataclass(frozen=True)
class Effect:
    """tv_clusters: share of rows that changed cluster, 0..1; mean_sd: shift of the mean over the
    root-mean-square radius of the reference; auc: of the best linear detector on the leading
    coordinates, 0.5..1; residual_ratio: typical distance to the nearest centre, or out of the
    subspace, current over reference, whichever is farther from one. The expected contribution
    of sampling noise is removed from all but the ratio, so that few rows do not look like a
    large effect."""

    tv_clusters: float
    mean_sd: float
    auc: float
    residual_ratio: float

    def to_dict(self) -> dict[str, float]:
        """By name."""
        return asdict(self)

    def passes(self) -> bool:
        """Whether any measure is past its gate."""
        return (
            self.tv_clusters >= GATES["tv_clusters"]
            or self.mean_sd >= GATES["mean_sd"]
            or self.auc >= GATES["auc"]
            or abs(self.residual_ratio - 1) >= GATES["residual_ratio"]
        )


def effect(
    basis: Basis, reference: Profile, current: Profile, n_eff: tuple[float, float]
) -> Effect:
    """The effect between two profiles; `n_eff` is their numbers of effectively independent
    rows. All `nan` where either side is empty."""
    if reference.n == 0 or current.n == 0:
        return Effect(math.nan, math.nan, math.nan, math.nan)
    noise = 1 / n_eff[0] + 1 / n_eff[1]
    return Effect(
        tv_clusters=_total_variation(reference, current, n_eff),
        mean_sd=_mean_shift(basis, reference, current, noise),
        auc=_linear_auc(basis, reference, current, noise),
        residual_ratio=_residual_ratio(basis, reference, current),
    )


def shares(profile: Profile) -> Float64:
    """Share (K,) of usable rows in each cluster."""
    counts = profile.clusters.counts.sum(axis=0)
    return np.asarray(counts / max(counts.sum(), 1), np.float64)


def n_effective(basis: Basis, profile: Profile) -> float:
    """Number of independent rows with the same noise of the mean as these rows, whose buckets
    show how much rows of one entity move together (Kish's design effect); at most n."""
    components = profile.components
    n = components.n
    held = n > 0
    if held.sum() < 2:
        return float(profile.n)
    p = components.squares.shape[1]
    total, count = components.total[held, :p], n[held][:, None]
    centre = total.sum(axis=0) / count.sum()
    variance = components.squares.sum(axis=0) / count.sum() - centre**2
    between = np.square(total - count * centre).sum(axis=0) / (held.sum() - 1)
    expected = variance * count.sum() / held.sum()
    ratio = float(between.sum() / max(expected.sum(), 1e-300))
    # The ratio itself is noisy; one below what chance gives is no evidence of extra information.
    return float(profile.n / max(ratio, 1.0))


def _total_variation(reference: Profile, current: Profile, n_eff: tuple[float, float]) -> float:
    p, q = shares(reference), shares(current)
    middle = (p + q) / 2
    noise = middle * (1 - middle) * (1 / n_eff[0] + 1 / n_eff[1])
    expected = np.sqrt(2 * noise / math.pi).sum() / 2
    return float(max(0.0, np.abs(p - q).sum() / 2 - expected))


def _shift(reference: Profile, current: Profile) -> Float64:
    a, b = reference.components.total.sum(axis=0), current.components.total.sum(axis=0)
    return np.asarray(b / current.n - a / reference.n, np.float64)


def _mean_shift(basis: Basis, reference: Profile, current: Profile, noise: float) -> float:
    radius2 = float(np.square(basis.deviations.astype(np.float64)).sum())
    moved2 = float(np.square(_shift(reference, current)).sum())
    return math.sqrt(max(0.0, moved2 / radius2 - noise))


def _linear_auc(basis: Basis, reference: Profile, current: Profile, noise: float) -> float:
    deviations = basis.deviations[:LEADING].astype(np.float64)
    delta = _shift(reference, current)[:LEADING] / deviations
    separation2 = max(0.0, float(delta @ delta) - len(delta) * noise)
    return 0.5 * (1 + math.erf(math.sqrt(separation2) / 2))


def _residual_ratio(basis: Basis, reference: Profile, current: Profile) -> float:
    def change(name: str) -> float:
        """Change of the mean of a scalar, in its own units."""
        i = NAMES.index(name)
        means = [p.scalars.total.sum(axis=0)[i] / p.n for p in (reference, current)]
        return float(means[1] - means[0]) * float(basis.scalar_deviation[i])

    # The residual is a share of energy: half its logarithm is that of a distance.
    return math.exp(max(change("log_distance"), change("log_residual") / 2, key=abs))
