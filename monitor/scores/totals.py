"""The additive numbers of some groups of rows, side by side, that every family reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

from monitor.basis import LEADING
from monitor.profiles import Profile
from monitor.stats.components import CROSSED
from monitor.stats.features import UNIT

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Totals:
    """Sums over each of m groups of rows; the first axis of every array is the group.

    n (m,): usable rows; y (m, p) and squares (m, p): sums of the leading coordinates and of
    their squares; crossed (m, c(c+1)/2): of products of the first c, at most 16; features (m, 2D);
    counts (m, K) rows per cluster; scalars and scalar_squares (m, S); quality (m, Q).
    """

    n: Float64
    y: Float64
    squares: Float64
    crossed: Float64
    features: Float64
    counts: Float64
    scalars: Float64
    scalar_squares: Float64
    quality: Float64

    def __len__(self) -> int:
        return len(self.n)

    @cached_property
    def together(self) -> Totals:
        """All groups as one, added up once."""
        return self.each(lambda sums: sums.sum(axis=0, keepdims=True))

    def each(self, change: Callable[[Float64], Float64]) -> Totals:
        """What `change` makes of each array."""
        return Totals(*(change(getattr(self, f.name)) for f in fields(self)))

    def mixed(self, weights: Float64) -> Totals:
        """Totals of w groups made by adding up these with `weights` (w, m)."""
        return self.each(lambda sums: weights @ sums)

    def plus(self, other: Totals) -> Totals:
        """These and `other`, group by group."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Totals(*(a + b for a, b in pairs))

    def minus(self, other: Totals) -> Totals:
        """These less `other`, group by group; one group in either is used for all."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Totals(*(a - b for a, b in pairs))


def bucket_totals(profile: Profile, first: int = 0) -> Totals:
    """One group for each bucket of the profile, from bucket `first` on: those before are the
    ones that the basis was fitted on."""
    components, scalars = profile.components, profile.scalars
    return Totals(
        n=components.n[first:].astype(np.float64),
        y=components.total[first:, :LEADING],
        squares=components.squares[first:],
        crossed=components.first_crossed(CROSSED)[first:],
        features=profile.features.total[first:].astype(np.float64) * UNIT,
        counts=profile.clusters.counts[first:].astype(np.float64),
        scalars=scalars.total[first:],
        scalar_squares=scalars.squares[first:],
        quality=profile.quality.counts[first:].astype(np.float64),
    )


def whole(buckets: Totals) -> Totals:
    """All buckets as one group."""
    return buckets.mixed(np.ones((1, len(buckets))))


def stacked(parts: Sequence[Totals]) -> Totals:
    """The groups of all parts, one after another."""
    return Totals(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Totals)))


def without_each(buckets: Totals) -> Totals:
    """For each bucket that holds rows, all the others together (for the jackknife)."""
    held = Totals(*(getattr(buckets, f.name)[buckets.n > 0] for f in fields(buckets)))
    return whole(held).minus(held)
