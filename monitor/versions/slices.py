"""Who is hurt: the neighbours kept by the items of each value of each column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.model import Float64
from monitor.versions.measure import jsonable

_FEWEST = 20
_MOST_VALUES = 500
_SHOWN = 50


@dataclass(frozen=True)
class Slice:
    """Items of one value.

    rows: sampled items of this value; overlap: mean share of their 10 neighbours that stay, with
    its 95 % interval; others: the same for the other items; p_value of the difference (Welch),
    q_value: corrected for all slices (Benjamini and Hochberg 1995).
    """

    column: str
    value: str
    rows: int
    overlap: float
    low: float
    high: float
    others: float
    p_value: float
    q_value: float = math.nan

    @property
    def drifted(self) -> bool:
        """Whether these items keep fewer neighbours than the others, at a q of 1 %."""
        return self.overlap < self.others and self.q_value < 0.01

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a slice."""
        numbers = ("overlap", "low", "high", "others", "p_value", "q_value")
        texts: dict[str, Any] = {"column": self.column, "value": self.value, "rows": self.rows}
        texts |= {"drifted": self.drifted}
        return texts | {name: jsonable(getattr(self, name)) for name in numbers}


def slices(shares: Float64, columns: Mapping[str, pa.Array]) -> tuple[Slice, ...]:
    """Slices of at least 20 of m sampled items, the least overlap first; at most 50.

    shares: (m,) of the items; columns: values (m,) by name.

    >>> shares = np.repeat([1.0, 0.5], 30) + np.tile([0.0, 0.01], 30)
    >>> slices(shares, {"label": pa.array(["a"] * 30 + ["b"] * 30)})[0].value
    'b'
    """
    found: list[Slice] = []
    for name, values in columns.items():
        kind = values.type
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
            values = values.cast(pa.string())
        elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
            continue
        coded = values.fill_null("").dictionary_encode()
        if len(coded.dictionary) > _MOST_VALUES:
            continue
        codes = np.asarray(coded.indices, np.int64)
        for code, count in enumerate(np.bincount(codes, minlength=len(coded.dictionary))):
            if _FEWEST <= count <= len(shares) - _FEWEST:
                inside = codes == code
                value = str(coded.dictionary[code].as_py())
                found.append(_slice(name, value, shares[inside], shares[~inside]))
    return tuple(sorted(_corrected(found), key=lambda s: s.overlap)[:_SHOWN])


def _slice(column: str, value: str, inside: Float64, outside: Float64) -> Slice:
    error = math.sqrt(inside.var(ddof=1) / len(inside) + outside.var(ddof=1) / len(outside))
    apart = float(inside.mean() - outside.mean())
    z = abs(apart) / error if error > 0 else (math.inf if apart else 0.0)
    mean, half = float(inside.mean()), 1.96 * math.sqrt(inside.var(ddof=1) / len(inside))
    return Slice(
        column=column,
        value=value,
        rows=len(inside),
        overlap=mean,
        low=max(0.0, mean - half),
        high=min(1.0, mean + half),
        others=float(outside.mean()),
        p_value=math.erfc(z / math.sqrt(2)),
    )


def _corrected(found: list[Slice]) -> list[Slice]:
    order = sorted(range(len(found)), key=lambda i: found[i].p_value, reverse=True)
    least, corrected = 1.0, list(found)
    for rank, i in zip(range(len(found), 0, -1), order, strict=True):
        least = min(least, found[i].p_value * len(found) / rank)
        corrected[i] = replace(found[i], q_value=least)
    return corrected
