"""A comparison or an audit in words: diagnosis first, then the measures, then the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
_AUDITED = {
    "ok": "nothing wrong was found, which does not prove that nothing is",
    "warn": "something is unlike a sound index",
    "breaking": "rows of this index cannot be searched together",
    "inconclusive": "too few usable rows to judge",
}
MAIN = (
    *("knn_overlap@10", "match@1", "cka", "cosine_median", "procrustes_r2_heldout"),
    *("norm_ratio", "rankme_a", "rankme_b"),
)
"""What retrieval feels first, then what explains it; -v shows every measure."""


def compare_text(result: Result, verbose: int = 0) -> list[str]:
    """The verdict, its causes, the measures, and the rows that moved most."""
    verdict = str(result.get("verdict"))
    ids = result.get("ids") or {}
    lines = [f"{word(verdict)} {_SENTENCES.get(verdict, '')}{_once(result)}"]
    if ids:
        both, only_a, only_b = (number(ids.get(key)) for key in ("both", "only_a", "only_b"))
        lines.append(f"Items: {both} in both, {only_a} only in A, {only_b} only in B")
    if verdict == "inconclusive" and result.get("summary"):
        lines.append(f"Why: {shown(result['summary']).removeprefix('inconclusive: ')}")
    for changed in result.get("contract") or ():
        lines.append(f"Contract: {changed['key']} {shown(changed['a'])} → {shown(changed['b'])}")
    for place, cause in enumerate(result.get("diagnosis") or (), 1):
        lines += _cause(place, cause)
    lines += _measures(result.get("measures") or {}, verbose)
    for key in ("movers", "slices", "confusion"):
        if result.get(key):
            records = [_plain(record) for record in result[key]]
            lines += [f"{key.capitalize()}:", *table(records, most=20 if verbose else 5)]
    if result.get("analogies"):
        kept = [f"{result['analogies'][f'hits_{side}']['value']:.0%}" for side in "ab"]
        lines.append(f"Analogies: {kept[0]} completed in A, {kept[1]} in B")
    lines += _queries(result.get("queries") or {}, verbose)
    lines += _upgrade(result.get("adapter") or {}, verbose)
    lines += _score_map(result.get("score_map") or (), verbose)
    return [*lines, f"Report: {result['report']}"] if result.get("report") else lines


def _once(result: Result) -> str:
    """An index of both versions' vectors is of no use, however good B is."""
    advice = (result.get("adapter") or {}).get("advice", "safe to mix")
    apart = result.get("verdict") == "ok" and advice != "safe to mix"
    return ", once everything is re-indexed" if apart else ""


def audit_text(result: Result, verbose: int = 0) -> list[str]:
    """The verdict, the findings, and the numbers that are unusual; -v shows all of them."""
    verdict = str(result.get("verdict"))
    lines = [f"{word(verdict)} {_AUDITED.get(verdict, '')}"]
    for place, finding in enumerate(result.get("findings") or (), 1):
        lines += _cause(place, finding)
    lines += [f"Note: {note}" for note in result.get("notes") or ()]
    columns = ("measure", "value", "normal_low", "normal_high")
    records = [{"measure": name, **r} for name, r in (result.get("measures") or {}).items()]
    if verbose and records:
        lines += ["Measures:", *table(records, columns, len(records))]
    return [*lines, f"Report: {result['report']}"] if result.get("report") else lines


def _measures(measures: Result, verbose: int) -> list[str]:
    wanted = [name for name in MAIN if name in measures]
    records = [
        {"measure": name, **measures[name]}
        for name in (wanted if wanted and not verbose else measures)
    ]
    columns = ("measure", "value", "low", "high", "floor", "chance")
    hidden = len(measures) - len(records)
    more = [f"  … and {hidden} more (-v shows all)"] if hidden else []
    return ["Measures:", *table(records, columns, len(records)), *more] if records else []


def _queries(queries: Result, verbose: int) -> list[str]:
    """Results that stay, and the queries hurt most."""
    if not queries:
        return []
    kept = queries["overlap"]["value"]
    hurt = [_plain(one) for one in queries["hurt"]]
    lines = [f"Queries: {number(queries['n'])}, of whose 10 results {kept:.1%} stay"]
    return [*lines, *table(hurt, most=20 if verbose else 5)]


def _upgrade(adapter: Result, verbose: int) -> list[str]:
    """What to do with the old index, and why; -v shows the adapters."""
    if not adapter:
        return []
    lines = [f"Old index: {adapter['advice']}", *(f"  {why}" for why in adapter["why"])]
    fits = [_plain(fit) for fit in adapter["fits"]]
    return [*lines, *table(fits, most=len(fits))] if verbose else lines


def _score_map(thresholds: Sequence[Result], verbose: int) -> list[str]:
    """Thresholds by tenths; -v shows all."""
    if verbose or not thresholds:
        return ["Score map:", *table(thresholds, most=len(thresholds))] if thresholds else []
    tenths = [t for t in thresholds if t["a"] >= 0.5 and abs(10 * t["a"] % 1) < 1e-6]
    said = [f"{t['a']:.2f} becomes {t['b']:.2f}" for t in tenths]
    return [f"Score map: {', '.join(said)}"] if said else []


def _plain(record: Result) -> dict[str, Any]:
    """A record without what does not fit into a cell, such as lists of neighbours."""
    return {k: v for k, v in record.items() if not isinstance(v, list | tuple | Mapping)}


def _cause(place: int, cause: Result) -> list[str]:
    rows = f", {number(cause['rows'])} rows" if cause.get("rows") is not None else ""
    lines = [f"{place}. {cause.get('cause')} (confidence {number(cause.get('confidence'))}{rows})"]
    for key in ("evidence", "where"):
        if cause.get(key):
            lines.append(f"   {key}: {shown(cause[key])}")
    return lines
