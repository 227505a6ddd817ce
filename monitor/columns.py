"""Which further columns of the rows are distributed differently. The only user of evidently.

evidently chooses and computes the statistic of each column: above 1000 rows a distance, up to
1000 rows a test. Its distances know no sampling noise: 2048 rows against 2048 of the very same
180 values are "drifted" to it. So a column counts as moved only where a two-sample test, too,
rejects at a false discovery rate of 5 % over all columns.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.types as kinds

from monitor.batch import Float64, Int64
from monitor.model import FEWEST_TOLD

FALSE_DISCOVERIES = 0.05
MOST_VALUES = 200
"""Columns of more distinct strings than this are texts: their lengths are compared."""
_SHOWN = 8
_LONGEST_SHOWN = 80
_LEAST_COUNT = 10
_NULL = "(null)"

Strings = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class _Column:
    """Both sides of one column: numbers with NaN for missing ones, or strings."""

    name: str
    kind: Literal["number", "category"]
    reference: npt.NDArray[Any]
    current: npt.NDArray[Any]


def moved_columns(
    reference: Mapping[str, pa.Array], current: Mapping[str, pa.Array]
) -> list[dict[str, Any]]:
    """What evidently says about each column that both sides have, in the reference's order.

    Of each: `name` (`length of NAME` for texts); evidently's `test`, its `statistic` and
    `threshold`; `p_value` of a two-sample test (Kolmogorov-Smirnov for numbers, chi-square for
    values), null where there are too few rows; `drifted`, whether the statistic is past its
    threshold and the p-values say so together (Benjamini and Hochberg 1995); and for
    `reference` and `current` the shares of the same eight values or ranges at most.

    Numbers, strings, booleans and dictionaries are compared. Columns of one value, without any
    value, or of another type are left out; without any column evidently is not imported (it
    takes about 4 s). Rows are taken as independent.
    """
    shared = [name for name in reference if name in current]
    found = [_column(name, reference[name], current[name]) for name in shared]
    columns = [column for column in found if column is not None]
    if not columns:
        return []
    p_values = np.array([_p_value(column) for column in columns])
    confirmed = discoveries(p_values, FALSE_DISCOVERIES)
    return [
        _row(column, judged, float(p), bool(sure))
        for column, judged, p, sure in zip(
            columns, _judged(columns), p_values, confirmed, strict=True
        )
    ]


def discoveries(p_values: Float64, q: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected at false discovery rate `q`; NaN is never rejected.

    Benjamini and Hochberg 1995, section 3.1: the example of their section 4.1 rejects four.

    >>> p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719,
    ...      .6528, .7590, 1.0]
    >>> int(discoveries(np.array(p), 0.05).sum())
    4
    """
    known = np.sort(p_values[~np.isnan(p_values)])
    passed = known[known <= q * np.arange(1, len(known) + 1) / max(1, len(known))]
    return np.asarray(p_values <= passed[-1] if len(passed) else np.zeros(len(p_values), bool))


def _column(name: str, reference: pa.Array, current: pa.Array) -> _Column | None:
    """Both sides in one type, or None where they cannot be or need not be compared."""
    sides = [_decoded(reference), _decoded(current)]
    of_types = {_kind(side) for side in sides if not kinds.is_null(side.type) and len(side)}
    if None in of_types or not of_types or not all(len(side) for side in sides):
        return None
    if of_types == {"number"}:
        return _numbers(name, *(_floats(side) for side in sides))
    return _strings(name, *(_texts(side) for side in sides))


def _numbers(name: str, reference: Float64, current: Float64) -> _Column | None:
    present = [~np.isnan(reference), ~np.isnan(current)]
    if not all(side.any() for side in present):  # numbers on one side alone: compare that
        return _strings(name, *(np.where(side, "(value)", _NULL) for side in present))
    if _is_constant(reference[present[0]], current[present[1]]):
        return None
    return _Column(name, "number", reference, current)


def _strings(name: str, reference: Strings, current: Strings) -> _Column | None:
    if _is_constant(reference, current):
        return None
    values = np.concatenate([reference, current])
    values = values[values != _NULL]
    if len(set(values)) > min(MOST_VALUES, max(20, len(values) / 2)):
        return _numbers(f"length of {name}", _lengths(reference), _lengths(current))
    return _Column(name, "category", reference, current)


def _is_constant(*sides: npt.NDArray[Any]) -> bool:
    return len(set(np.concatenate(sides))) == 1


def _decoded(values: pa.Array) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    return values.dictionary_decode() if kinds.is_dictionary(values.type) else values


def _kind(values: pa.Array) -> Literal["number", "category"] | None:
    of = values.type
    if kinds.is_integer(of) or kinds.is_floating(of) or kinds.is_decimal(of):
        return "number"
    is_text = kinds.is_string(of) or kinds.is_large_string(of) or kinds.is_string_view(of)
    return "category" if is_text or kinds.is_boolean(of) else None


def _floats(values: pa.Array) -> Float64:
    """Float64 with NaN for null, NaN and infinity."""
    numbers = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _texts(values: pa.Array) -> Strings:
    return np.array([_NULL if v is None else str(v) for v in values.to_pylist()], object)


def _lengths(texts: Strings) -> Float64:
    return np.array([np.nan if text == _NULL else len(text) for text in texts], np.float64)


def _judged(columns: Sequence[_Column]) -> list[tuple[str, float, float]]:
    """evidently's test, statistic and threshold for each column."""
    named = {f"c{i}": column for i, column in enumerate(columns)}
    # Not needed on this path, but a promise: nothing is sent anywhere.
    os.environ.setdefault("DO_NOT_TRACK", "1")
    if os.path.expanduser("~") == "~":  # nltk, which evidently imports, refuses to be without one
        os.environ.setdefault("NLTK_DATA", tempfile.gettempdir())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from evidently import DataDefinition, Dataset, Report
        from evidently.metrics import ValueDrift

        definition = DataDefinition(
            numerical_columns=[n for n, column in named.items() if column.kind == "number"],
            categorical_columns=[n for n, column in named.items() if column.kind == "category"],
        )
        reference, current = (
            Dataset.from_pandas(pd.DataFrame(side), data_definition=definition)
            for side in (
                {name: column.reference for name, column in named.items()},
                {name: column.current for name, column in named.items()},
            )
        )
        report = Report([ValueDrift(column=name) for name in named])
        metrics = report.run(current, reference).dict()["metrics"]
    of = {metric["config"]["column"]: metric for metric in metrics}
    return [
        (of[n]["config"]["method"], float(of[n]["value"]), float(of[n]["config"]["threshold"]))
        for n in named
    ]


def _row(
    column: _Column, judged: tuple[str, float, float], p_value: float, confirmed: bool
) -> dict[str, Any]:
    test, statistic, threshold = judged
    past = statistic < threshold if "p_value" in test else statistic >= threshold
    reference, current = _shares(column)
    return {
        "name": column.name,
        "test": test,
        "statistic": None if np.isnan(statistic) else statistic,
        "threshold": threshold,
        "p_value": None if np.isnan(p_value) else p_value,
        "drifted": bool(past and confirmed),
        "reference": reference,
        "current": current,
    }


def _p_value(column: _Column) -> float:
    """Of the two-sample test; NaN where there are too few rows for one."""
    from scipy import stats

    if column.kind == "number":
        first, second = (s[~np.isnan(s)] for s in (column.reference, column.current))
        return float(stats.ks_2samp(first, second, method="asymp").pvalue)
    _, table = _values(column.reference, column.current)
    often = table.sum(0) >= _LEAST_COUNT
    table = np.column_stack([table[:, often], table[:, ~often].sum(1)])
    table = table[:, table.sum(0) >= _LEAST_COUNT]
    if table.shape[1] < 2 or not table.sum(1).all():
        return float("nan")
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _shares(column: _Column) -> tuple[dict[str, float], dict[str, float]]:
    """The shares on each side of the same values, the largest first, or of ranges in order."""
    if column.kind == "number":
        names, table = _ranges(column.reference, column.current)
        shown = np.arange(len(names))
    else:
        names, table = _values(column.reference, column.current)
        share = table / table.sum(1, keepdims=True)
        # Common values first, and those whose share changed much.
        shown = np.argsort(-share.max(0) - np.ptp(share, 0), kind="stable")
        shown = shown[table.sum(0)[shown] >= FEWEST_TOLD][:_SHOWN]
    keys = [name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "…" for name in names]
    first, second = table / table.sum(1, keepdims=True)
    return {keys[i]: float(first[i]) for i in shown}, {keys[i]: float(second[i]) for i in shown}


def _values(reference: Strings, current: Strings) -> tuple[list[str], Int64]:
    """The values of both sides, and how often each side (row) has each (column)."""
    values, at = np.unique(np.concatenate([reference, current]), return_inverse=True)
    sides = np.split(at, [len(reference)])
    return list(values), np.array([np.bincount(side, minlength=len(values)) for side in sides])


def _ranges(reference: Float64, current: Float64) -> tuple[list[str], Int64]:
    """Ranges between quantiles of the reference, and how many numbers of each side are in each.

    A range includes its upper end. Few distinct numbers stay by themselves.
    """
    both = np.concatenate([reference, current])
    distinct = np.unique(both[~np.isnan(both)])
    if len(distinct) < _SHOWN:
        edges, names = distinct[:-1], [f"{x:.4g}" for x in distinct]
    else:
        edges = np.unique(np.nanquantile(reference, np.arange(1, _SHOWN - 1) / (_SHOWN - 1)))
        ends = [f"{edge:.4g}" for edge in edges]
        names = [f"≤ {ends[0]}", *(f"{a} … {b}" for a, b in pairwise(ends)), f"> {ends[-1]}"]
    names.append(_NULL)
    table = np.array([_binned(side, edges, len(names)) for side in (reference, current)])
    return (names, table) if table[:, -1].any() else (names[:-1], table[:, :-1])


def _binned(numbers: Float64, edges: Float64, n_bins: int) -> Int64:
    """How many numbers are in each range; the missing ones are in the last bin."""
    at = np.where(np.isnan(numbers), n_bins - 1, np.searchsorted(edges, numbers, "left"))
    return np.bincount(at, minlength=n_bins)
