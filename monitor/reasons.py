"""A verdict in words that can be checked: how unlikely, how large, over what, and why not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.calibration import MIN_WEEKS, MIN_WINDOWS, Calibration
from monitor.channels import FEWEST
from monitor.model import FEWEST_TOLD, VerdictWord
from monitor.readings import Reading, Readings, stretch
from monitor.scores.effect import Effect
from monitor.sizes import GATES, size_sentence
from monitor.traces import WHOLE, Observed

WARN_FACTOR = 10
"""A p-value up to this many times the alarm level, with an effect, is a warning."""
NAMED = 3
"""Most segments that causes name; JSON has them all."""


@dataclass(frozen=True)
class Rule:
    """budget: the user's words; n: one false alarm per this many windows; min_rows: fewer usable
    rows are insufficient."""

    budget: str
    n: int
    min_rows: int = 50


def explanation(
    word: VerdictWord, p: float, size: Effect, rule: Rule, calibration: Calibration
) -> tuple[str, ...]:
    """Why it did not alarm, where that is not plain."""
    if word == "calibrating":
        weeks = "1 week" if calibration.weeks == 1 else f"{calibration.weeks} weeks"
        held = f"{calibration.windows} reference windows in {weeks}"
        if calibration.windows >= MIN_WINDOWS and calibration.weeks >= MIN_WEEKS:
            return (f"calibrating: too few of {held} hold the {FEWEST} rows that a score takes",)
        return (f"calibrating: {held}; 20 windows and two weeks are needed",)
    if word == "ok" and p <= WARN_FACTOR / rule.n:
        return (
            f"unusual (p = {p:.2g}), but too small to matter: shares moved {size.tv_clusters:.1%} "
            f"(gate {GATES['tv_clusters']:.0%}), the mean {size.mean_sd:.3f} of the radius "
            f"(gate {GATES['mean_sd']:.2f})",
        )
    if word == "warn":
        return (f"close: p = {p:.2g}, an alarm needs {1 / rule.n:.2g}",)
    return ()


def permitted_mix(calibration: Calibration, seen: Observed) -> tuple[str, ...]:
    """What may come in any proportions and does, in words."""
    n = seen.n
    changes = []
    for name, before in calibration.mix.items():
        sums = seen.traces.sums.get(name)
        now = 0.0 if sums is None else float(sums.n.sum() / n)
        error = math.sqrt(before * (1 - before) / n)
        told = n * max(before, now) >= FEWEST_TOLD
        if told and abs(now - before) >= max(GATES["tv_clusters"], 3 * error):
            changes.append((abs(now - before), f"{name} {before:.1%} -> {now:.1%}"))
    if not changes:
        return ()
    said = [words for _, words in sorted(changes, reverse=True)[:NAMED]]
    return (f"a permitted change of mix, told apart from drift: {', '.join(said)}",)


def elsewhere(read: Readings, rule: Rule, length: timedelta) -> list[str]:
    """Segments that changed, and resolutions at which more is seen than in the window alone."""
    changed = read.discovered()
    named = [one for one in read.segments if one.segment in changed]
    found = [_amount(one, length, f", in {one.segment}") for one in named[:NAMED]]
    whole = [one for one in read.every if one.segment == WHOLE]
    slow = min(whole, key=lambda one: one.p_value, default=None)
    if slow and slow.span > 1 and slow.p_value <= WARN_FACTOR / rule.n and slow.size.passes():
        found.append(_amount(slow, length))
    return found


def segments(read: Readings, word: VerdictWord, length: timedelta) -> list[dict[str, Any]]:
    """The segments in JSON, the most unlikely first; only an alarm is looked into for where."""
    changed = read.discovered() if word in ("drift", "warn") else set()
    return [
        {
            "segment": one.segment,
            "verdict": word if one.segment in changed else "ok",
            "drifted": one.segment in changed,
            "p_value": one.p_value,
            "rows": one.rows,
            "windows": one.span,
            "effect": one.size.to_dict(),
            "causes": [_amount(one, length)] if one.segment in changed else [],
        }
        for one in read.segments
    ]


def large(read: Readings, rule: Rule) -> bool:
    """Whether anything that is unlikely enough to be told is large, too."""
    return any(one.p_value <= WARN_FACTOR / rule.n and one.size.passes() for one in read.every)


def ready_at(first: datetime, length: timedelta) -> datetime:
    """When a reference that begins at `first` holds 20 windows and two weeks (`weeks_held`), if
    none is missing.

    >>> from datetime import UTC
    >>> ready_at(datetime(2026, 11, 13, tzinfo=UTC), timedelta(days=1)).date().isoformat()
    '2026-12-03'
    """
    return max(first + MIN_WINDOWS * length, first + timedelta(days=7 * MIN_WEEKS - 3) + length)


def _amount(one: Reading, length: timedelta, where: str = "") -> str:
    said = size_sentence(one.size.to_dict())
    return f"over {stretch(one.span, length)}{where}: {said} (p = {one.p_value:.2g})"
