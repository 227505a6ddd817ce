"""One segment's history at one resolution, less what its season lets expect of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.normals import Float64, Residuals
from monitor.scores.families import LARGEST, WATCHED
from monitor.scores.totals import Totals
from monitor.traces import GROUPS, LIGHT, WHOLE, Stream, rolled, rolled_rows

FEWEST, FEWEST_OF_SEGMENT = 20, 50
"""Fewer rows are not scored, at any resolution. Of many segments some always has the most extreme
twenty rows: their log variances have so long a tail that they made most of the false alarms."""


@dataclass(frozen=True, eq=False)
class Rates:
    """What one row is expected to add to the sums: slots (s,), "" for all together, and a group
    for each."""

    slots: tuple[str, ...]
    sums: Totals


def fewest(segment: str) -> int:
    """The rows that a segment is scored from."""
    return FEWEST if segment == WHOLE else FEWEST_OF_SEGMENT


def families(segment: str, *, mixed: bool = False) -> tuple[str, ...]:
    """The families that a segment is scored by: all for the whole, four for its segments. mixed:
    where segments come in any proportions the whole has those that segments have, and quality."""
    light = ("topics", "clusters", "mean", "scalars")
    if segment != WHOLE:
        return light
    return (*light, "quality") if mixed else tuple(WATCHED)


@dataclass(frozen=True, eq=False)
class History:
    """A stream of a basis at resolution `span`, in windows; fewest: rows that are scored; due: only
    so many of its last windows count, the others are what they reach back to; beside: segments
    whose rows may come in any proportions, over the same windows."""

    basis: Basis
    stream: Stream
    span: int
    fewest: int = FEWEST
    due: int | None = None
    beside: Mapping[str, Stream] = field(default_factory=dict)

    @cached_property
    def first(self) -> npt.NDArray[np.intp]:
        """The first window that is part of each."""
        return self._reach[0][self._counted]

    @cached_property
    def sums(self) -> Totals:
        """Sums over each window's reach."""
        return self._rolled(self._single)

    @cached_property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Which windows have enough history and rows to be scored."""
        return np.asarray(self._reach[1][self._counted] & (self.sums.n >= self.fewest))

    @cached_property
    def slots(self) -> npt.NDArray[np.str_]:
        """Each window's season slot; whole cycles of the calendar have none."""
        names, place = self.stream.slots
        own = place[self._counted]
        return np.array(names)[own] if self.span == 1 else np.full(len(own), "")

    @cached_property
    def begins(self) -> npt.NDArray[np.float64]:
        """Begin of each one's reach, in seconds."""
        return self.stream.starts[self.first]

    def rates(self, rows: npt.NDArray[np.bool_]) -> Rates:
        """What one row adds in each slot, learnt from some of the single windows."""
        names, place = self.stream.slots
        rows = rows & (self._single.n > 0)
        own = rows & (place == np.arange(len(names))[:, None])
        held = own.any(axis=1)
        member = np.vstack([rows, own[held]]).astype(np.float64)
        known = tuple(name for name, some in zip(names, held, strict=True) if some)
        n = np.maximum(member @ self._single.n, 1)
        return Rates(("", *known), self._single.mixed(member / n[:, None]))

    def rates_beside(self, rows: npt.NDArray[np.bool_]) -> dict[str, Rates]:
        """As `rates`, of the segments beside that occur in these windows."""
        held = {
            name: part for name, part in self._parts.items() if part.stream.totals.n[rows].any()
        }
        return {name: part.rates(rows) for name, part in held.items()}

    def expected(self, rates: Rates, beside: Mapping[str, Rates]) -> Totals:
        """The sums that the season lets expect of each window and its number of rows. Rows of the
        segments beside are expected to be like these, however many came."""
        found = self._expected(rates)
        for name, part in self._parts.items():
            if name in beside:
                own, usual = part._expected(beside[name]), part._expected(rates)
                more = {key: getattr(own, key) - getattr(usual, key) for key in LIGHT}
                found = replace(found, **{k: getattr(found, k) + v for k, v in more.items()})
        return found

    def residuals(self, family: str, expected: Totals) -> Residuals:
        """A family's vectors less those expected."""
        values = self._vectors(family) - WATCHED[family](self.basis, expected)
        return Residuals(values, self.sums.n, self.slots, len(set(self.stream.weeks.tolist())))

    def _expected(self, rates: Rates) -> Totals:
        names, place = self.stream.slots
        known = {name: i for i, name in enumerate(rates.slots)}
        index = np.array([known.get(name, 0) for name in names])[place]
        rows = np.zeros((len(place), len(rates.slots)))
        rows[np.arange(len(place)), index] = self._single.n
        begin = int(self.first.min())
        return rates.sums.mixed(rolled_rows(rows[begin:], self.first - begin))

    @cached_property
    def _parts(self) -> dict[str, History]:
        return {
            name: History(self.basis, own, self.span, due=self.due)
            for name, own in self.beside.items()
        }

    def _rolled(self, totals: Totals) -> Totals:
        begin = int(self.first.min())
        return rolled(totals.each(lambda sums: sums[begin:]), self.first - begin)

    def _vectors(self, family: str) -> Float64:
        if family not in self._known:
            self._known[family] = WATCHED[family](self.basis, self.sums)
        return self._known[family]

    @cached_property
    def _known(self) -> dict[str, Float64]:
        return {}

    @cached_property
    def _single(self) -> Totals:
        return self.stream.totals

    @cached_property
    def _reach(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        return self.stream.reach(self.span)

    @property
    def _counted(self) -> slice:
        return slice(None if self.due is None else -self.due, None)


def spread(basis: Basis, stream: Stream, family: str) -> Float64:
    """The jackknife's spread (m, 8, p) of single windows times √n: its Gram matrix is the
    sampling covariance per row, rows of one entity taken together."""
    others, held = stream.without_each
    n = stream.totals.n
    vectors = WATCHED[family](basis, others).reshape(len(n), GROUPS, -1)
    count = np.maximum(held.sum(axis=1), 1)[:, None]
    mean = (vectors * held[:, :, None]).sum(axis=1) / count
    found = (vectors - mean[:, None]) * held[:, :, None]
    return np.asarray(found * np.sqrt((count - 1) / count * n[:, None])[:, :, None])


def sampling(family: str, spreads: Float64) -> Float64:
    """Sum over windows of the sampling covariance (p, p) per row; of a family whose entries are
    scored one by one the variances alone (p,)."""
    flat = spreads.reshape(-1, spreads.shape[-1])
    return np.square(flat).sum(axis=0) if family in LARGEST else np.asarray(flat.T @ flat)
