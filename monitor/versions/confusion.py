"""Labels confused: whose neighbours are now of another label than before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from monitor.batch import Float64, Int64
from monitor.versions.measure import jsonable
from monitor.versions.slices import FEWEST, corrected, labels

_SHOWN = 50
_SURE = 0.01


@dataclass(frozen=True)
class Confusion:
    """Items of one label, and another one that gained among their neighbours.

    rows: sampled items of `value`; before, after: share of their 10 neighbours that are of
    `other`; p_value of the difference, item by item; q_value: corrected for all pairs of labels.
    """

    column: str
    value: str
    other: str
    rows: int
    before: float
    after: float
    p_value: float
    q_value: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a pair of labels."""
        numbers = {k: jsonable(getattr(self, k)) for k in ("before", "after", "p_value", "q_value")}
        texts = {"column": self.column, "value": self.value, "other": self.other}
        return {**texts, "rows": self.rows, **numbers}


def confusion(
    near: tuple[Int64, Int64], queries: Int64, columns: Mapping[str, pa.Array]
) -> tuple[Confusion, ...]:
    """Pairs of labels that are surely (at a q of 1 %) confused more than before, the most first.

    near: neighbours (m, k) of the queries (m,) in both versions, as positions among the n items
    of the columns, −1 for nobody. Labels of fewer than 20 sampled items are not judged as
    `value`.

    >>> column = {"label": pa.array(["x"] * 20 + ["y"] * 20)}
    >>> queries = np.arange(20)
    >>> before = (queries[:, None] + 1) % 20
    >>> found = confusion((before, before + 20), queries, column)
    >>> [(c.value, c.other, c.before, c.after) for c in found]
    [('x', 'y', 0.0, 1.0)]
    """
    found: list[Confusion] = []
    for name, values in columns.items():
        coded = labels(values)
        if coded is not None and len(coded[1]) > 1:
            found += _confused(name, coded, near, queries)
    q_values = corrected(np.array([c.p_value for c in found]))
    sure = [
        Confusion(c.column, c.value, c.other, c.rows, c.before, c.after, c.p_value, float(q))
        for c, q in zip(found, q_values, strict=True)
        if q < _SURE and c.after > c.before
    ]
    return tuple(sorted(sure, key=lambda c: c.before - c.after)[:_SHOWN])


def _confused(
    column: str, coded: tuple[Int64, list[str]], near: tuple[Int64, Int64], queries: Int64
) -> list[Confusion]:
    """All pairs of labels of a column of which the share differs, not yet corrected."""
    codes, names = coded
    before, after = (_shares(codes, len(names), side) for side in near)
    found = []
    for code, rows in enumerate(np.bincount(codes[queries], minlength=len(names))):
        if rows < FEWEST:
            continue
        mine = codes[queries] == code
        old, new = before[mine].mean(axis=0), after[mine].mean(axis=0)
        error = (after[mine] - before[mine]).std(axis=0, ddof=1) / math.sqrt(rows)
        for other in np.flatnonzero((old != new) & (np.arange(len(names)) != code)):
            z = abs(new[other] - old[other]) / error[other] if error[other] else math.inf
            p_value = math.erfc(z / math.sqrt(2))
            shares = float(old[other]), float(new[other])
            found.append(
                Confusion(column, names[code], names[other], int(rows), *shares, p_value, 1.0)
            )
    return found


def _shares(codes: Int64, size: int, near: Int64) -> Float64:
    """Share (m, size) of each query's neighbours that are of each label."""
    found = np.zeros((len(near), size))
    rows, places = np.nonzero(near >= 0)
    np.add.at(found, (rows, codes[near[rows, places]]), 1.0)
    return np.asarray(found / max(1, near.shape[1]))
