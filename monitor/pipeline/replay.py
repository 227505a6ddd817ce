"""`replay`: the rule over the windows that a store already holds."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

from monitor.config import duration
from monitor.decide import SMALLEST
from monitor.errors import Undecided
from monitor.pipeline import pages, references
from monitor.pipeline.judging import rule_for, stored_windows
from monitor.pipeline.workspace import Run, Workspace
from monitor.replays import Replayed, poisson_interval, replayed

SCHEMA = "embmon/replay/1"


def replay(
    workspace: Workspace,
    space: str,
    *,
    trailing: str = "8w",
    false_alarms: str | None = None,
    out: Path | None = None,
) -> dict[str, Any]:
    """How often the rule would have alarmed; see `Monitor.replay`."""
    run = Run("replay", workspace)
    _, settings = workspace.monitor_of(space)
    basis = workspace.basis(space)
    usual = workspace.calendar(space).usual
    stored = [w for w in stored_windows(workspace, space, basis) if usual(w.window)]
    rule = rule_for(stored, settings, false_alarms)
    history = []
    for done, one in enumerate(stored):
        workspace.progress("reading windows", done, len(stored))
        history.append(references.window_traces(workspace, one))
    found = replayed(
        basis,
        history,
        rule,
        duration(trailing),
        lambda done: workspace.progress("judging windows", done, len(stored)),
    )
    if not found:
        raise Undecided(
            f"space {space!r} has too little history to replay: a reference of {trailing} and "
            "windows after it",
            "give a shorter --trailing, of two weeks at least",
        )
    alarms = [one for one in found if one.alarm]
    low, high = poisson_interval(len(alarms), len(found))
    document = run.document(
        {
            "space": space,
            "trailing": trailing,
            "false_alarms": rule.budget,
            "budget_per_1000": 1000 / rule.n,
            "windows": len(found),
            "alarms": len(alarms),
            "per_1000": {
                "value": 1000 * len(alarms) / len(found),
                "low": low,
                "high": high,
            },
            "incidents": _incidents(found, workspace.config.alerts.quiet_windows),
            "alarmed": [_told(one) for one in alarms],
            "trend": [_scored(one, rule.n) for one in found],
        }
    )
    return document if out is None else pages.rendered(workspace, document, out)


def _incidents(found: list[Replayed], quiet: int) -> int:
    """Alarms with fewer than `quiet` windows between them are one incident."""
    places = [i for i, one in enumerate(found) if one.alarm]
    gaps = [b - a for a, b in pairwise(places)]
    return (1 if places else 0) + sum(gap > quiet for gap in gaps)


def _scored(one: Replayed, n: int) -> dict[str, Any]:
    """A window as the trend of a page shows it; windows here have no verdict but the alarm."""
    return {
        **one.window.to_dict(),
        "p_value": one.p_value,
        "score": -math.log10(max(one.p_value, SMALLEST)),
        "threshold": math.log10(n),
        "verdict": "drift" if one.alarm else "ok",
    }


def _told(one: Replayed) -> dict[str, Any]:
    told = {**one.window.to_dict(), "p_value": one.p_value}
    if one.strongest is not None:
        told |= {"segment": one.strongest.segment or None, "windows": one.strongest.span}
        told |= {"effect": one.strongest.size.to_dict()}
    return told
