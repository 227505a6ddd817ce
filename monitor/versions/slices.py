"""Who is hurt: the neighbours kept by the items of each value of each column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.batch import Float64, Int64
from monitor.versions.measure import jsonable

FEWEST = 20
"""Values of fewer sampled items are not judged."""

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
        coded = labels(values)
        if coded is None:
            continue
        codes, names = coded
        for code, count in enumerate(np.bincount(codes, minlength=len(names))):
            if FEWEST <= count <= len(shares) - FEWEST:
                inside = codes == code
                found.append(_slice(name, names[code], shares[inside], shares[~inside]))
    q_values = corrected(np.array([part.p_value for part in found]))
    judged = [replace(part, q_value=float(q)) for part, q in zip(found, q_values, strict=True)]
    return tuple(sorted(judged, key=lambda s: s.overlap)[:_SHOWN])


def labels(values: pa.Array) -> tuple[Int64, list[str]] | None:
    """Codes (n,) of the values of a column and their names; None where it holds no labels:
    other types than text, integers and booleans, or more than 500 values.

    >>> labels(pa.array(["a", "b", "a"]))[0].tolist()
    [0, 1, 0]
    """
    kind = values.type
    if pa.types.is_boolean(kind) or pa.types.is_integer(kind):
        values = values.cast(pa.string())
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return None
    coded = values.fill_null("").dictionary_encode()
    if len(coded.dictionary) > _MOST_VALUES:
        return None
    return np.asarray(coded.indices, np.int64), [str(v) for v in coded.dictionary.to_pylist()]


def corrected(p_values: Float64) -> Float64:
    """The p-values (m,) corrected for their number (Benjamini and Hochberg 1995).

    >>> corrected(np.array([0.04, 0.01])).tolist()
    [0.04, 0.02]
    """
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    found = np.empty(len(p_values))
    found[order] = np.minimum.accumulate(np.minimum(1.0, p_values[order] * len(p_values) / ranks))
    return found


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
