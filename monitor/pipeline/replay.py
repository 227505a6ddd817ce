"""`replay`: the rule over the windows that a store already holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitor.basis import Basis
from monitor.config import duration
from monitor.decide import SMALLEST
from monitor.errors import Undecided
from monitor.injections import caught
from monitor.pipeline import elsewhere, pages, references
from monitor.pipeline.judging import rule_for, stored_windows
from monitor.pipeline.workspace import Run, Workspace
from monitor.profiles import merged
from monitor.reasons import Rule
from monitor.replays import Replayed, Week, rate, weeks
from monitor.store import StoredWindow
from monitor.traces import Observed

SCHEMA = "embmon/replay/1"
MOST_SAMPLED = 56
"""Windows whose sampled rows are read to inject some of them."""


def replay(
    workspace: Workspace,
    space: str,
    *,
    trailing: str = "8w",
    false_alarms: str | None = None,
    inject: Sequence[float] = (),
    others: bool = False,
    out: Path | None = None,
) -> dict[str, Any]:
    """How often the rule would have alarmed; see `Monitor.replay`."""
    run = Run("replay", workspace)
    _, settings = workspace.monitor_of(space)
    basis = workspace.basis(space)
    usual = workspace.calendar(space).usual
    stored = [w for w in stored_windows(workspace, space, basis) if usual(w.window)]
    rule = rule_for(stored[0], settings, false_alarms)
    history = _history(workspace, stored)
    found, by_week = list[Replayed](), list[Week]()
    mix = None if settings is None else settings.permitted_mix
    before = duration(trailing)
    for week in weeks(basis, history, rule, before, mix):
        found += week.found
        if inject:
            by_week.append(week)
    if not found:
        raise Undecided(
            f"space {space!r} has too little history to replay: a reference of {trailing} and "
            "windows after it",
            "give a shorter --trailing, of two weeks at least",
        )
    pool = _pool(workspace, stored) if inject else None
    alarms = [one for one in found if one.alarm]
    document = run.document(
        {
            "space": space,
            "trailing": trailing,
            "false_alarms": rule.budget,
            "budget_per_1000": 1000 / rule.n,
            "windows": len(found),
            "alarms": len(alarms),
            "per_1000": rate(len(alarms), len(found)),
            "incidents": _incidents(found, workspace.config.alerts.quiet_windows),
            "alarmed": [_told(one) for one in alarms],
            "trend": [_scored(one, rule.n) for one in found],
            "injected": [_caught(basis, by_week, pool, rule, share) for share in inject],
            "others": (
                elsewhere.others(workspace, basis, stored, before, {one.window for one in found})
                if others
                else []
            ),
        }
    )
    return document if out is None else pages.rendered(workspace, document, out)


def _history(workspace: Workspace, stored: Sequence[StoredWindow]) -> Iterator[Observed]:
    for done, one in enumerate(stored):
        workspace.progress("judging windows", done, len(stored))
        yield references.window_traces(workspace, one)


def _pool(workspace: Workspace, stored: Sequence[StoredWindow]) -> pa.Table:
    """Rows sampled from some of the windows."""
    some = stored[:: max(1, len(stored) // MOST_SAMPLED)]
    return merged([references.window_profile(workspace, one) for one in some]).sample.kept


def _caught(
    basis: Basis, by_week: Sequence[Week], pool: pa.Table, rule: Rule, share: float
) -> dict[str, Any]:
    """How soon a topic that grows by this share of rows would have been told."""
    found = caught(basis, by_week, pool, rule, share)
    if found is None:
        raise Undecided(
            "there is no topic to inject: no cluster has five sampled rows",
            "windows keep rows where `sample` is not 0",
        )
    counts = sorted({1, 7, 24, found.horizon})
    return {
        "topic": share,
        "runs": len(found.delays),
        "within": {str(n): found.within(n) for n in counts if n <= found.horizon},
        "median": found.typical,
        "delays": list(found.delays),
    }


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
