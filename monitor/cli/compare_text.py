"""A comparison of versions in words: diagnosis first, then the measures, then the rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from monitor.cli.verdict_text import word
from monitor.cli.words import number, shown, table

Result = Mapping[str, Any]

_SENTENCES = {
    "ok": "B can take the place of A",
    "warn": "B differs from A more than the same encoder run twice would",
    "breaking": "what was built on A will not work on B",
    "inconclusive": "too little in common to decide",
}


def compare_text(result: Result, verbose: int = 0) -> list[str]:
    """The verdict, its causes, the measures, and the rows that moved most."""
    verdict = str(result.get("verdict"))
    ids = result.get("ids") or {}
    lines = [f"{word(verdict)} {_SENTENCES.get(verdict, '')}"]
    if ids:
        both, only_a, only_b = (number(ids.get(key)) for key in ("both", "only_a", "only_b"))
        lines.append(f"Items: {both} in both, {only_a} only in A, {only_b} only in B")
    for place, cause in enumerate(result.get("diagnosis") or (), 1):
        lines += _cause(place, cause)
    measures = [{"measure": name} | dict(m) for name, m in (result.get("measures") or {}).items()]
    columns = ("measure", "value", "low", "high", "floor", "chance")
    lines += ["Measures:", *table(measures, columns, 40)] if measures else []
    for key in ("movers", "slices"):
        if result.get(key):
            lines += [f"{key.capitalize()}:", *table(result[key], most=20 if verbose else 5)]
    for key in ("adapter", "score_map"):
        if verbose and result.get(key):
            lines.append(f"{key.replace('_', ' ').capitalize()}: {shown(result[key])}")
    return lines


def _cause(place: int, cause: Result) -> list[str]:
    rows = f", {number(cause['rows'])} rows" if cause.get("rows") is not None else ""
    lines = [f"{place}. {cause.get('cause')} (confidence {number(cause.get('confidence'))}{rows})"]
    for key in ("evidence", "where"):
        if cause.get(key):
            lines.append(f"   {key}: {shown(cause[key])}")
    return lines
