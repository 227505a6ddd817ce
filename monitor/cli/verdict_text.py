"""A verdict in words: what it is, how big, why, and where."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import click

from monitor.cli.words import number, percent, shown, spaced, table, window

Result = Mapping[str, Any]

_COLOURS = {"ok": "green", "warn": "yellow", "drift": "red", "breaking": "red"}
_SENTENCES = {
    "ok": "nothing beyond what the budget of false alarms allows",
    "warn": "something may be changing",
    "drift": "the traffic has changed",
    "calibrating": "too little history yet to judge by",
    "insufficient": 'too little data to decide; this does not mean "no drift"',
}
_PAIR_SENTENCES = {
    "ok": "B is like A",
    "warn": "B may differ from A",
    "drift": "B differs from A",
}
_EFFECTS = {
    "tv_clusters": "of the rows moved to other clusters",
    "mean_sd": "standard deviations that the mean moved",
    "auc": "AUC of a classifier that tells the two sides apart (0.5: it cannot)",
    "residual_ratio": "times the distance to the space that the reference spans",
}
_CLUSTER_COLUMNS = ("label", "reference", "current", "z", "radius", "drifted")
MOST_CLUSTERS = 8


def word(verdict: object) -> str:
    """A verdict's word in capitals and in its colour."""
    text = str(verdict)
    return click.style(text.upper(), fg=_COLOURS.get(text, "magenta"), bold=True)


def drift_text(result: Result, verbose: int = 0) -> list[str]:
    """One window, or one source against another."""
    lines = [headline(result), *_effects(result), *_causes(result), *_clusters(result, verbose)]
    for key in ("segments", "components"):
        drifted = [item for item in result.get(key) or () if verbose or item.get("drifted")]
        lines += _titled(spaced(key).capitalize(), drifted)
    lines += _amount(result)
    if verbose:
        lines += _titled("Families", result.get("families") or ())
        lines += _pairs("Familiar numbers", result.get("metrics") or {})
    return lines


def check_text(result: Result, verbose: int = 0) -> list[str]:
    """The judged windows, and the last of them in full."""
    windows = result.get("windows") or ()
    if not windows:
        return ["No window to judge: nothing is ingested yet."]
    *earlier, last = windows
    lines = drift_text(last, verbose)
    told = [f"  {alert['state']}: {alert['summary']}" for alert in result.get("alerts") or ()]
    lines += ["Alerts:", *told] if told else []
    return lines + _titled("Windows before it", [_row(item) for item in earlier[::-1]])


def headline(result: Result) -> str:
    """The verdict in one line."""
    verdict = str(result.get("verdict"))
    of = f" {window(result['window'])}:" if result.get("window") else ""
    sentences = _SENTENCES if of else {**_SENTENCES, **_PAIR_SENTENCES}
    return f"{word(verdict)}{of} {sentences.get(verdict, '')}{_odds(result)}"


def _odds(result: Result) -> str:
    if result.get("p_value") is None:
        return ""
    parts = [f"p {number(result['p_value'])}"]
    if result.get("threshold") is not None:
        parts.append(
            f"score {number(result.get('score'))}, alarm from {number(result['threshold'])}"
        )
    if result.get("false_alarms"):
        parts.append(f"budget {shown(result['false_alarms'])}")
    return f" ({'; '.join(parts)})"


def _effects(result: Result) -> list[str]:
    effect = result.get("effect") or {}
    lines = []
    for name, value in effect.items():
        if value is not None and math.isfinite(value):
            text = percent(value) if name == "tv_clusters" else f"{value:.2f}"
            lines.append(f"  {text} {_EFFECTS.get(name, spaced(name))}")
    return ["How big:", *lines] if lines else []


def _causes(result: Result) -> list[str]:
    causes = result.get("causes") or ()
    return ["Why:", *(f"  - {cause}" for cause in causes)] if causes else []


def _clusters(result: Result, verbose: int) -> list[str]:
    """The clusters that changed; where none did, they are noise that only -v shows."""
    clusters = sorted(result.get("clusters") or (), key=_weight, reverse=True)
    if not verbose and not any(_drifted(cluster) for cluster in clusters):
        return []
    rows = [
        {
            **cluster,
            "label": cluster.get("label") or f"cluster {cluster.get('id')}",
            "reference": percent(cluster.get("reference_share")),
            "current": percent(cluster.get("current_share")),
            "radius": _wider(cluster),
            "drifted": _drifted(cluster),
        }
        for cluster in clusters[:MOST_CLUSTERS]
    ]
    return ["Where:", *table(rows, _CLUSTER_COLUMNS)] if rows else []


def _weight(cluster: Result) -> tuple[bool, float]:
    """Drifted ones first, then the largest changes."""
    moved = max(abs(cluster.get(key) or 0.0) for key in ("z", "radius_z"))
    return _drifted(cluster), moved


def _wider(cluster: Result) -> str | None:
    """None where one side has no row there, and nothing can be compared."""
    ratio = cluster.get("radius_ratio")
    empty = 0.0 in (cluster.get("reference_share"), cluster.get("current_share"))
    return None if ratio is None or empty else f"{100 * (ratio - 1):+.0f} %"


def _drifted(cluster: Result) -> bool:
    return bool(cluster.get("drifted") or cluster.get("radius_drifted"))


def _amount(result: Result) -> list[str]:
    quality = result.get("quality") or {}
    lines = []
    if "rows" in quality:
        aside = [f"{spaced(k)} {number(n)}" for k, n in quality.items() if k != "rows" and n]
        inside = f" ({', '.join(aside)})" if aside else ""
        lines.append(f"Rows: {number(quality['rows'])}{inside}")
    if result.get("coverage"):
        lines.append(f"Corpus: {_coverage(result['coverage'])}")
    if result.get("n_eff") is not None:
        lines.append(f"Independent rows, about: {number(result['n_eff'])}")
    if result.get("min_detectable") is not None:
        smallest = result["min_detectable"]
        text = smallest.get("text") if isinstance(smallest, Mapping) else None
        lines.append(f"With this much data: {text or shown(smallest)}")
    return lines


def _coverage(known: Result) -> str:
    share, low, high, usual = (percent(known[k]) for k in ("covered", "low", "high", "usual"))
    fewer = ", fewer than usual" if known["fewer"] else ""
    return f"{share} of rows have an item near ({low} to {high}; usually {usual}){fewer}"


def _row(item: Result) -> dict[str, Any]:
    keys = ("verdict", "p_value", "score", "threshold")
    return {"window": window(item.get("window"))} | {key: item.get(key) for key in keys}


def _titled(title: str, records: Sequence[Result]) -> list[str]:
    return [f"{title}:", *table(records)] if records else []


def _pairs(title: str, values: Result) -> list[str]:
    lines = [f"  {spaced(key)}: {shown(value)}" for key, value in values.items()]
    return [f"{title}:", *lines] if lines else []
