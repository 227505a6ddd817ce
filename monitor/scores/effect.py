"""How big a difference is, in units that do not depend on how many rows were seen."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from statistics import NormalDist

import numpy as np

from monitor.basis import LEADING, Basis
from monitor.profiles import Profile
from monitor.scores.totals import Float64, Totals, bucket_totals, whole
from monitor.sizes import GATES
from monitor.stats.scalars import NAMES

_MEAN_WITHIN = math.sqrt(2 / math.pi) / math.erf(math.sqrt(2))
"""What to take off each |z| below 2 for the mean of all |z| of a standard normal z to be zero."""


@dataclass(frozen=True)
class Effect:
    """tv_clusters: share of rows that changed cluster, 0..1; mean_sd: shift of the mean over the
    root-mean-square radius of the reference; auc: of Fisher's linear discriminant on the
    leading coordinates, 0.5..1; residual_ratio: typical distance to the nearest centre, or out of
    the subspace, current over reference, whichever is farther from one. The expected contribution
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
    """The effect between two profiles, of the rows that the basis was not fitted on; `n_eff` is
    their numbers of effectively independent rows. All `nan` where either side is empty."""
    first, second = (whole(bucket_totals(p, basis.fitted_buckets)) for p in (reference, current))
    if not (first.n[0] and second.n[0]):
        return Effect(math.nan, math.nan, math.nan, math.nan)
    noise = 1 / n_eff[0] + 1 / n_eff[1]
    shift = _mean(basis, current) - _mean(basis, reference)
    return Effect(
        tv_clusters=_total_variation(first, second, noise),
        mean_sd=_mean_shift(basis, shift, noise),
        auc=_linear_auc(reference, current, shift, noise),
        residual_ratio=residual_ratio(basis, first, second),
    )


def shares(profile: Profile) -> Float64:
    """Share (K,) of usable rows in each cluster."""
    counts = profile.clusters.counts.sum(axis=0)
    return np.asarray(counts / max(counts.sum(), 1), np.float64)


def n_effective(basis: Basis, profile: Profile) -> float:
    """Number of independent rows with the same noise of the mean as these rows, whose buckets
    show how much rows of one entity move together (Kish's design effect); at most as many as
    there are outside the basis's own buckets. Rows of a single bucket count as one."""
    buckets = bucket_totals(profile, basis.fitted_buckets)
    n, held = buckets.n.sum(), buckets.n > 0
    if held.sum() < 2:
        return float(min(n, 1))
    total, count = buckets.y[held], buckets.n[held][:, None]
    centre = total.sum(axis=0) / n
    variance = buckets.squares.sum(axis=0) / n - centre**2
    between = np.square(total - count * centre).sum(axis=0) / (held.sum() - 1)
    expected = variance * n / held.sum()
    ratio = float(between.sum() / max(expected.sum(), 1e-300))
    # The ratio itself is noisy; one below what chance gives is no evidence of extra information.
    return float(n / max(ratio, 1.0))


def _mean(basis: Basis, profile: Profile) -> Float64:
    """Mean of all coordinates (r,)."""
    components, first = profile.components, basis.fitted_buckets
    return np.asarray(components.total[first:].sum(axis=0) / components.n[first:].sum())


def _total_variation(reference: Totals, current: Totals, noise: float) -> float:
    """Total variation of the shares, the larger of two estimates that read zero by chance.

    Half the sum of all changes serves for many small ones: what chance alone adds on average to a
    change within two standard errors is taken off such changes. But total variation is also the
    most that any set of clusters gained or lost: where single ones changed beyond doubt (5 % over
    all clusters, Bonferroni), those together are the set, and the others' noise does not enter.
    """
    p, q = ((t.counts / t.counts.sum())[0] for t in (reference, current))
    middle = (p + q) / 2
    error = np.sqrt(middle * (1 - middle) * noise)
    change = q - p
    size = np.abs(change)
    by_chance = np.where(size < 2 * error, _MEAN_WITHIN * error, 0)
    clear = change[size > -NormalDist().inv_cdf(0.025 / len(change)) * error]
    gained, lost = clear.clip(min=0).sum(), -clear.clip(max=0).sum()
    return float(max(0.0, (size - by_chance).sum() / 2, gained, lost))


def _mean_shift(basis: Basis, shift: Float64, noise: float) -> float:
    radius2 = float(np.square(basis.deviations.astype(np.float64)).sum())
    return math.sqrt(max(0.0, float(shift @ shift) / radius2 - noise))


def _linear_auc(reference: Profile, current: Profile, shift: Float64, noise: float) -> float:
    """AUC of Fisher's discriminant, whose covariance is the mean of both sides': rows of a new
    topic also widen the side they are on, so few of them cannot tell all rows apart."""
    delta = shift[:LEADING]
    size = len(delta)
    own, other = (p.components.covariance[:size, :size] for p in (reference, current))
    pooled = (own + (own if np.isnan(other).any() else other)) / 2
    pooled[np.diag_indices(size)] += 1e-6 * np.trace(pooled) / size
    solved = np.linalg.solve(pooled, np.column_stack([delta, own]))
    return auc_of(float(delta @ solved[:, 0]) - noise * float(np.trace(solved[:, 1:])))


def auc_of(separation2: float) -> float:
    """AUC of two normal sides whose means lie the root of `separation2` deviations apart.

    >>> round(auc_of(2.0), 3)
    0.841
    """
    return 0.5 * (1 + math.erf(math.sqrt(max(0.0, separation2)) / 2))


def residual_ratio(basis: Basis, reference: Totals, current: Totals) -> float:
    """How much farther out rows lie than before, one group of rows on each side; see `Effect`."""

    def change(name: str) -> float:
        """Change of the mean of a scalar, in its own units."""
        i = NAMES.index(name)
        means = [t.scalars[0, i] / max(float(t.n[0]), 1e-300) for t in (reference, current)]
        return float(means[1] - means[0]) * float(basis.scalar_deviation[i])

    # The residual is a share of energy: half its logarithm is that of a distance.
    return math.exp(max(change("log_distance"), change("log_residual") / 2, key=abs))
