"""One segment's history at one resolution, less what its season lets expect of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.normals import Float64, Residuals
from monitor.scores.families import FAMILIES
from monitor.scores.totals import Totals, stacked, whole
from monitor.seasons import fold, slot
from monitor.traces import GROUPS, WHOLE, Stream, reach, rolled

FEWEST = 20
"""Fewer rows are not scored, at any resolution."""

Rates = Mapping[str, Totals]
"""By season slot, and "" for all together: the sums that one row is expected to add."""


def families(segment: str) -> tuple[str, ...]:
    """The families that a segment is scored by: all for the whole, three for its segments."""
    return tuple(FAMILIES) if segment == WHOLE else ("clusters", "mean", "scalars")


@dataclass(frozen=True, eq=False)
class History:
    """A stream of a basis at resolution `span`, in windows; `last`: only its last window counts,
    the others are what it reaches back to."""

    basis: Basis
    stream: Stream
    span: int
    last: bool = False

    @cached_property
    def first(self) -> npt.NDArray[np.intp]:
        """The first window that is part of each."""
        return reach(self.stream.windows, self.span)[0]

    @cached_property
    def sums(self) -> Totals:
        """Sums over each window's reach."""
        return self._rolled(self._single)

    @cached_property
    def covered(self) -> npt.NDArray[np.bool_]:
        """Which windows have enough history and rows to be scored."""
        enough = reach(self.stream.windows, self.span)[1]
        return np.asarray((enough[-1:] if self.last else enough) & (self.sums.n >= FEWEST))

    @cached_property
    def slots(self) -> npt.NDArray[np.str_]:
        """Each window's season slot; whole cycles of the calendar have none."""
        names = self._slots if self.span == 1 else np.full(len(self._slots), "")
        return np.asarray(names[-1:] if self.last else names)

    @cached_property
    def weeks(self) -> npt.NDArray[np.str_]:
        """The week in which each window ends."""
        return np.array([fold(w) for w in self.stream.windows])

    @cached_property
    def ends(self) -> npt.NDArray[np.float64]:
        """End of each, in seconds."""
        return np.array([w.end.timestamp() for w in self.stream.windows])

    @cached_property
    def starts(self) -> npt.NDArray[np.float64]:
        """Start of each, in seconds."""
        return np.array([w.start.timestamp() for w in self.stream.windows])

    @cached_property
    def begins(self) -> npt.NDArray[np.float64]:
        """Begin of each one's reach, in seconds."""
        return self.starts[self.first]

    def rates(self, rows: npt.NDArray[np.bool_]) -> Rates:
        """What one row adds in each slot, learnt from some of the single windows."""
        found = {"": _rate(self._single, rows)}
        for name in np.unique(self._slots[rows]):
            found[str(name)] = _rate(self._single, rows & (self._slots == name))
        return found

    def expected(self, rates: Rates) -> Totals:
        """The sums that the season lets expect of each window and its number of rows."""
        names = list(rates)
        place = {name: i for i, name in enumerate(names)}
        index = np.array([place.get(name, place[""]) for name in self._slots])
        table = stacked([rates[name] for name in names])
        one = Totals(*(getattr(table, k)[index] for k in vars(table)))
        scale = self._single.n
        sized = {k: (v.T * scale).T for k, v in vars(one).items()}
        return self._rolled(Totals(**sized))

    def residuals(self, family: str, expected: Totals) -> Residuals:
        """A family's vectors less those expected."""
        values = self._vectors(family) - FAMILIES[family](self.basis, expected)
        return Residuals(values, self.sums.n, self.slots, len(set(self.weeks.tolist())))

    def _rolled(self, totals: Totals) -> Totals:
        if not self.last:
            return rolled(totals, self.first)
        recent = {k: v[self.first[-1] :].sum(axis=0)[None] for k, v in vars(totals).items()}
        return Totals(**recent)

    def _vectors(self, family: str) -> Float64:
        if family not in self._known:
            self._known[family] = FAMILIES[family](self.basis, self.sums)
        return self._known[family]

    @cached_property
    def _known(self) -> dict[str, Float64]:
        return {}

    @cached_property
    def _single(self) -> Totals:
        return self.stream.totals

    @cached_property
    def _slots(self) -> npt.NDArray[np.str_]:
        return np.array([slot(w) for w in self.stream.windows])


def spread(basis: Basis, stream: Stream, family: str) -> Float64:
    """The jackknife's spread (m, 8, p) of single windows times √n: its Gram matrix is the
    sampling covariance per row, rows of one entity taken together."""
    others, held = stream.without_each()
    n = stream.totals.n
    vectors = FAMILIES[family](basis, others).reshape(len(n), GROUPS, -1)
    count = np.maximum(held.sum(axis=1), 1)[:, None]
    mean = (vectors * held[:, :, None]).sum(axis=1) / count
    found = (vectors - mean[:, None]) * held[:, :, None]
    return np.asarray(found * np.sqrt((count - 1) / count * n[:, None])[:, :, None])


def sampling(spreads: Float64) -> Float64:
    """Sum over windows of the sampling covariance (p, p) per row."""
    flat = spreads.reshape(-1, spreads.shape[-1])
    return np.asarray(flat.T @ flat)


def _rate(single: Totals, rows: npt.NDArray[np.bool_]) -> Totals:
    own = Totals(*(getattr(single, k)[rows] for k in vars(single)))
    total = whole(own)
    n = max(float(total.n[0]), 1.0)
    return Totals(**{k: v / n for k, v in vars(total).items()})
