"""A change in two parts: known topics in other proportions, and other things within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.profiles import Profile
from monitor.scores.permutations import assignments, p_value
from monitor.scores.totals import Float64
from monitor.scores.where import RADIUS, ClusterChange

NEW = 0.001
"""A cluster with a smaller share of the reference than this is new when it holds rows."""
LEAST_NEW = 0.005
LEVEL = 0.05


@dataclass(frozen=True)
class Split:
    """mix: share of rows that moved between clusters which both sides know; new_share: share of
    the current rows in clusters that the reference has not; radius_ratio: distance of rows from
    the centre of their cluster, current over reference, at equal proportions of the clusters;
    radius_p: of that ratio, by permuting buckets. `nan` where a side has no rows."""

    mix: float
    new_share: float
    radius_ratio: float
    radius_p: float

    @property
    def content_changed(self) -> bool:
        """Whether something is new, or known clusters hold rows elsewhere than before."""
        moved = self.radius_p <= LEVEL and abs(self.radius_ratio - 1) >= RADIUS
        return self.new_share > 0 or moved


def split(
    reference: Profile,
    current: Profile,
    changes: list[ClusterChange],
    moved: float,
    *,
    seed: int = 0,
) -> Split:
    """The parts of the change between two profiles, by its cluster changes and by the share of
    rows that `moved` between clusters."""
    new = sum(
        change.current_share
        for change in changes
        if change.reference_share < NEW and change.low >= LEAST_NEW
    )
    ratios = _radius_ratios(reference, current, seed)
    return Split(max(0.0, moved - new), new, float(ratios[0]), p_value(np.abs(np.log(ratios))))


def _radius_ratios(reference: Profile, current: Profile, seed: int) -> Float64:
    """The radius ratio of the true assignment of buckets to sides, then of random ones.

    Weights are harmonic means of a cluster's rows on both sides: what one side lacks says nothing.
    """
    counts, distance = (
        np.concatenate([getattr(p.clusters, name) for p in (reference, current)]).astype(float)
        for name in ("counts", "distance")
    )
    # Radii in units of the cluster's own: a change of proportions alone then moves nothing.
    own = distance.sum(axis=0) / np.maximum(counts.sum(axis=0), 1)
    relative = distance / np.where(own > 0, own, 1)
    sides = assignments(len(reference.clusters.counts), len(counts), np.random.default_rng(seed))
    rows = [np.maximum(sides @ counts, 0), np.maximum((1 - sides) @ counts, 0)]
    radii = [sides @ relative, (1 - sides) @ relative]
    means = [r / np.maximum(n, 1) for r, n in zip(radii, rows, strict=True)]
    weight = rows[0] * rows[1] / np.maximum(rows[0] + rows[1], 1)
    total = [(weight * mean).sum(axis=1) for mean in means]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(total[1] / total[0])
