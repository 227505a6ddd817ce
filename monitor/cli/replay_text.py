"""What a replay found, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.cli.words import number, percent, shown, table, window

MOST = 20


def replay_text(result: Mapping[str, Any], verbose: int = 0) -> list[str]:
    """How often it alarmed, and when; all of the windows that did with -v."""
    rate = result["per_1000"]
    lines = [
        f"{result['alarms']} of {result['windows']} windows would have alarmed, in "
        f"{result['incidents']} incidents: {number(rate['value'])} per 1000 windows "
        f"(95 %: {number(rate['low'])} to {number(rate['high'])}); "
        f"budget {shown(result['false_alarms'])}."
    ]
    rows = [
        {
            "window": window(one),
            "p_value": one["p_value"],
            "where": one.get("segment") or "all rows",
            "windows": one.get("windows"),
            "moved": percent(one["effect"]["tv_clusters"]) if "effect" in one else None,
        }
        for one in result["alarmed"][: None if verbose else MOST]
    ]
    told = table(rows, ("window", "p_value", "where", "windows", "moved")) if rows else []
    injected = map(_injected, result.get("injected", ()))
    return [*lines, *told, *injected, *_others(result.get("others", ()))]


def _others(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """The default rules of other tools on the same history."""
    if not rules:
        return []
    rows = [
        {
            "rule": one["rule"],
            "alarms": f"{one['alarms']} of {one['windows']}",
            "per 1000": number(one["per_1000"]["value"]),
            "what": one["about"],
        }
        for one in rules
    ]
    told = table(rows, ("rule", "alarms", "per 1000", "what"))
    return ["Default rules of other tools, as far as stored sums tell them:", *told]


def _injected(one: Mapping[str, Any]) -> str:
    within = ", ".join(f"{found} within {windows}" for windows, found in one["within"].items())
    late = f"; the median after {number(one['median'])} windows" if one["median"] else ""
    return (
        f"A topic that grows by {percent(one['topic'])} of rows would have alarmed in so many of "
        f"{one['runs']} runs: {within} windows{late}."
    )
