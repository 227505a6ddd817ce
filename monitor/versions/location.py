"""Where flagged rows stand: a stretch of the row order, or a value of a column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Int64
from monitor.versions.identity import Bools

_LEVEL = 1e-3
_MOST_VALUES = 2000
_COVERED = 0.7
"""A place is named only if it holds at least this share of the flagged rows."""


@dataclass(frozen=True)
class Place:
    """Where flagged rows concentrate.

    name: such as `label = Pizza` or `rows 400-499`; flagged: flagged rows inside; rows: all
    rows inside; p_value: chance of such a concentration anywhere that was looked at.
    """

    name: str
    flagged: int
    rows: int
    p_value: float

    def fit(self, flagged: int) -> float:
        """Harmonic mean of the shares of flagged rows inside and of inside rows flagged."""
        return 2 * self.flagged / (flagged + self.rows)


def place(flags: Bools, order: Int64, columns: Mapping[str, pa.Array]) -> Place | None:
    """Where the flagged of n rows concentrate; None where they are spread or all are flagged.

    order: (n,) row number of each row; columns: values (n,) by name. Text columns of mostly
    different values are not looked at; numbers and times are scanned in their order. p-values
    are corrected for all places looked at (Bonferroni).

    >>> flags = np.arange(200) // 20 == 3
    >>> place(flags, np.arange(200), {}).name
    'rows 60-79'
    """
    hit = int(flags.sum())
    if hit < 3 or hit > 0.95 * len(flags):
        return None
    found = [_stretch(flags, order, "rows {}-{}")]
    for name, values in columns.items():
        found.append(_in_column(flags, name, values))
    tests = len(found)
    places = [
        Place(p.name, p.flagged, p.rows, min(1.0, p.p_value * tests))
        for p in found
        if p is not None and p.flagged >= _COVERED * hit and p.p_value * tests < _LEVEL
    ]
    # A value says more than a stretch of rows that fits as well.
    places.sort(key=lambda p: (-round(p.fit(hit), 2), p.name.startswith("rows ")))
    return places[0] if places else None


def _in_column(flags: Bools, name: str, values: pa.Array) -> Place | None:
    kind, types = values.type, pa.types
    if types.is_temporal(kind) or types.is_floating(kind):
        return _by_order(flags, name, values)
    known = (types.is_string, types.is_large_string, types.is_boolean, types.is_integer)
    if not types.is_dictionary(kind) and not any(of(kind) for of in known):
        return None
    coded = values.cast(pa.string()).fill_null("").dictionary_encode()
    if len(coded.dictionary) <= min(_MOST_VALUES, len(flags) // 2):
        return _by_value(flags, name, coded)
    return _by_order(flags, name, values) if types.is_integer(kind) else None


def _by_value(flags: Bools, name: str, coded: pa.DictionaryArray) -> Place | None:
    """The value in which most flagged rows stand, by a binomial tail."""
    codes = np.asarray(coded.indices, np.int64)
    rows = np.bincount(codes, minlength=len(coded.dictionary))
    flagged = np.bincount(codes[flags], minlength=len(rows))
    best = int(np.argmax(flagged))
    p = _tail(int(flagged[best]), int(flags.sum()), rows[best] / len(flags)) * len(rows)
    text = coded.dictionary[best].as_py() or "(empty)"
    return Place(f"{name} = {text}", int(flagged[best]), int(rows[best]), p)


def _by_order(flags: Bools, name: str, values: pa.Array) -> Place | None:
    if values.null_count or len(values) == 0:
        return None
    codes = np.asarray(pc.rank(values, tiebreaker="first"), np.int64) - 1
    found = _stretch(flags, codes, "{} {}")
    if found is None:
        return None
    first, last = (int(number) for number in found.name.split())
    at = np.argsort(codes)
    ends = [_shown(values[int(at[end])].as_py()) for end in (first, last)]
    return Place(f"{name} from {ends[0]} to {ends[1]}", found.flagged, found.rows, found.p_value)


def _stretch(flags: Bools, order: Int64, name: str) -> Place | None:
    """The stretch of the order richest in flagged rows (Kulldorff's scan, Bernoulli)."""
    at = np.argsort(order, kind="stable")
    inside = flags[at]
    overall = float(inside.mean())
    # Cheapest separating score: a row counts for or against by the midpoint of full and usual.
    score = np.where(inside, 1.0, 0.0) - (0.5 + overall / 2)
    total = np.concatenate([[0.0], np.cumsum(score)])
    lowest = np.minimum.accumulate(total)
    last = int(np.argmax(total - lowest))
    first = int(np.argmin(total[: last + 1]))
    if last <= first:
        return None
    rows, flagged = last - first, int(inside[first:last].sum())
    n = len(flags)
    p = _tail(flagged, int(flags.sum()), rows / n) * n * n / 2
    return Place(name.format(order[at[first]], order[at[last - 1]]), flagged, rows, p)


def _tail(hits: int, n: int, share: float) -> float:
    """Chernoff's bound of the chance of at least `hits` of n, each with chance `share`.

    >>> _tail(5, 10, 0.5)
    1.0
    """
    q = hits / n
    if q <= share:
        return 1.0
    inside = q * math.log(q / share)
    outside = (1 - q) * math.log((1 - q) / (1 - share)) if q < 1 else 0.0
    return math.exp(-n * (inside + outside))


def _shown(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def columns_of(columns: Mapping[str, pa.Array], rows: npt.NDArray[np.intp]) -> dict[str, pa.Array]:
    """The columns at these rows."""
    return {name: values.take(pa.array(rows)) for name, values in columns.items()}
