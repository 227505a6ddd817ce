"""What the rule needs of a window: a few sums for all rows and for each segment of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.basis import LEADING, Basis
from monitor.errors import FrameError, UsageError
from monitor.model import Window
from monitor.packed import packed, unpacked
from monitor.profiles import Profile
from monitor.scores.totals import Float64, Totals, bucket_totals, stacked
from monitor.seasons import fold, slot
from monitor.stats.base import Rows
from monitor.stats.quality import Quality
from monitor.stats.sample import COLUMN

GROUPS = 8
"""Groups of entities kept apart: enough to tell how much rows of one entity move together."""
WHOLE = ""
"""The name under which all rows of a window stand."""
MOST_SEGMENTS = 1000
_KIND = "traces/1"
LIGHT = ("n", "y", "squares", "counts", "scalars", "scalar_squares")
"""The sums that segments keep, too."""


@dataclass(frozen=True, eq=False)
class Traces:
    """Sums of one window by segment name (`COLUMN=VALUE`, "" for all rows), in 8 groups each, of
    the rows that the basis was not fitted on. A commutative monoid under `+`."""

    basis_id: str
    sums: Mapping[str, Totals]

    def __add__(self, other: Self) -> Self:
        if self.basis_id != other.basis_id:
            raise FrameError(
                f"traces of basis {self.basis_id} and of basis {other.basis_id} have no sum"
            )
        found = dict(self.sums)
        for name, sums in other.sums.items():
            found[name] = found[name].plus(sums) if name in found else sums
        return type(self)(self.basis_id, found)

    def to_bytes(self) -> bytes:
        """The traces for the store; what segments have no use for is left out."""
        names = sorted(self.sums)
        arrays: dict[str, Float64] = {}
        for i, name in enumerate(names):
            kept = LIGHT if name else [f.name for f in fields(Totals)]
            arrays |= {f"{i}.{key}": getattr(self.sums[name], key) for key in kept}
        return packed(arrays, {"kind": _KIND, "basis": self.basis_id, "names": names})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The traces whose `to_bytes` these are; FrameError where they are not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} are no traces this release can read")
        found = {}
        for i, name in enumerate(header["names"]):
            own = {f.name: arrays.get(f"{i}.{f.name}") for f in fields(Totals)}
            found[name] = _filled(own)
        return cls(header["basis"], found)


def traces(basis: Basis, profile: Profile) -> Traces:
    """The traces of all rows of a profile."""
    buckets = bucket_totals(profile, basis.fitted_buckets)
    group = np.arange(len(buckets)) % GROUPS
    return Traces(basis.id, {WHOLE: buckets.mixed((group == np.arange(GROUPS)[:, None]) * 1.0)})


def segment_traces(basis: Basis, rows: Rows, columns: Sequence[str]) -> Traces:
    """The traces of each value of each of these columns, without that of all rows."""
    found: dict[str, Totals] = {}
    buckets = np.repeat(rows.present, np.diff([*rows.starts, rows.n]))
    fresh = np.flatnonzero(buckets >= basis.fitted_buckets)
    for column in columns:
        values = _values(rows, column)
        codes = values.indices.fill_null(-1).to_numpy()[fresh]
        names = [f"{column}={value}" for value in values.dictionary.to_pylist()]
        known = codes >= 0
        groups = codes[known] * GROUPS + (buckets[fresh[known]] - basis.fitted_buckets) % GROUPS
        summed = _sums(basis, rows, fresh[known], (groups, len(names) * GROUPS))
        for i, name in enumerate(names):
            own = {key: value[i * GROUPS : (i + 1) * GROUPS] for key, value in summed.items()}
            if own["n"].sum():
                found[name] = _filled(own)
    return Traces(basis.id, found)


@dataclass(frozen=True, eq=False)
class Observed:
    """A window and its traces."""

    window: Window
    traces: Traces

    @property
    def n(self) -> float:
        """Usable rows that the basis has not seen."""
        return float(self.traces.sums[WHOLE].n.sum())


def observed(basis: Basis, window: Window, profile: Profile) -> Observed:
    """A window as the rule sees it, from its profile alone: without segments."""
    return Observed(window, traces(basis, profile))


@dataclass(frozen=True, eq=False)
class Stream:
    """One segment's windows, oldest first; sums: those of each, in 8 groups."""

    windows: Sequence[Window]
    sums: Sequence[Totals]

    @cached_property
    def totals(self) -> Totals:
        """The sums of each window."""
        return stacked([sums.together for sums in self.sums])

    @cached_property
    def starts(self) -> Float64:
        """Start of each window, in seconds."""
        return np.array([w.start.timestamp() for w in self.windows])

    @cached_property
    def ends(self) -> Float64:
        """End of each window, in seconds."""
        return np.array([w.end.timestamp() for w in self.windows])

    @cached_property
    def slots(self) -> tuple[tuple[str, ...], npt.NDArray[np.intp]]:
        """The season slots that occur, and in which of them each window lies."""
        names, place = np.unique([slot(w) for w in self.windows], return_inverse=True)
        return tuple(names.tolist()), place

    @cached_property
    def weeks(self) -> npt.NDArray[np.str_]:
        """The week in which each window lies."""
        return np.array([fold(w) for w in self.windows])

    def reach(self, span: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """For each window the first of those that its last `span` window lengths hold, and whether
        at least half of them are there."""
        since = self.ends - span * (self.ends[0] - self.starts[0])
        first = np.searchsorted(self.starts, since - 1e-6)
        held = np.arange(len(self.windows)) - first + 1
        return first, held >= span / 2

    @cached_property
    def without_each(self) -> tuple[Totals, npt.NDArray[np.bool_]]:
        """For each group of each window the others of that window; and which groups hold rows."""
        total, groups = self.totals, stacked(self.sums)
        repeated = total.each(lambda sums: np.repeat(sums, GROUPS, 0))
        return repeated.minus(groups), groups.n.reshape(-1, GROUPS) > 0


def stream(seen: Sequence[Observed], segment: str = WHOLE) -> Stream:
    """The stream of a segment; windows in which it does not occur are passed over."""
    held = [one for one in seen if segment in one.traces.sums]
    return Stream([s.window for s in held], [s.traces.sums[segment] for s in held])


def aligned(seen: Sequence[Observed], segment: str) -> Stream:
    """The stream of a segment that occurs in some of these windows; empty sums in the others."""
    held = (one.traces.sums.get(segment) for one in seen)
    empty = next(sums for sums in held if sums is not None).each(np.zeros_like)
    return Stream([s.window for s in seen], [s.traces.sums.get(segment, empty) for s in seen])


def spans(length: timedelta) -> tuple[int, ...]:
    """Resolutions, in windows: single ones, and whole cycles of the calendar: a day and a week of
    windows shorter than a day, else a week and four, else four.

    >>> spans(timedelta(hours=1)), spans(timedelta(days=1)), spans(timedelta(days=7))
    ((1, 24, 168), (1, 7, 28), (1, 4))
    """
    day, week = timedelta(days=1), timedelta(days=7)
    cycles = (day, week) if length < day else (week, 4 * week) if length < week else ()
    counts = {round(cycle / length) for cycle in cycles} if cycles else {4}
    return (1, *sorted(counts - {1}))


def rolled(totals: Totals, first: npt.NDArray[np.intp]) -> Totals:
    """Sums of the last len(first) groups, each with those before it from `first` on."""
    return totals.each(lambda sums: rolled_rows(sums, first))


def rolled_rows(values: Float64, first: npt.NDArray[np.intp]) -> Float64:
    """As `rolled`, of the rows of one array."""
    m = len(first)
    if (first == np.arange(len(values) - m, len(values))).all():
        return values[len(values) - m :]
    if m == 1:
        return np.asarray(values[first[0] :].sum(axis=0, keepdims=True))
    summed = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    return np.asarray(summed[-m:] - summed[first])


def _values(rows: Rows, column: str) -> pa.DictionaryArray:
    """The values of a column, as text, of usable rows."""
    own = rows.table[COLUMN + column].take(pa.array(rows.order)).cast(pa.string())
    found = own.combine_chunks().dictionary_encode()
    if len(found.dictionary) > MOST_SEGMENTS:
        raise UsageError(
            f"column {column!r} has more than {MOST_SEGMENTS} values in one window",
            "segments are groups such as countries; users and documents are entities (--entity)",
        )
    return found


def _sums(
    basis: Basis, rows: Rows, index: npt.NDArray[np.intp], groups: tuple[npt.NDArray[np.intp], int]
) -> dict[str, Float64]:
    from scipy.sparse import csr_array

    of, m = groups
    one = csr_array((np.ones(len(of)), (of, np.arange(len(of)))), shape=(m, len(of)))
    y = rows.coordinates[index, :LEADING].astype(np.float64)
    scalars = rows.scalars[index].astype(np.float64)
    k = len(basis.codebook)
    counts = np.bincount(of * k + rows.cluster[index], minlength=m * k).reshape(m, k)
    return {
        "n": np.bincount(of, minlength=m).astype(np.float64),
        "y": np.asarray(one @ y),
        "squares": np.asarray(one @ y**2),
        "counts": counts.astype(np.float64),
        "scalars": np.asarray(one @ scalars),
        "scalar_squares": np.asarray(one @ scalars**2),
    }


def _filled(own: Mapping[str, Float64 | None]) -> Totals:
    """Totals in which sums that segments do without have no columns."""
    n = own["n"]
    assert n is not None
    empty = {"crossed": 0, "features": 0, "quality": len(Quality.COUNTERS)}
    return Totals(
        **{
            key: value if value is not None else np.zeros((len(n), empty[key]))
            for key, value in {**dict.fromkeys(empty), **own}.items()
        }
    )
