"""The rule over history that is already there: how often it would have alarmed. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.calibration import Calibration
from monitor.model import Window
from monitor.readings import Reading, readings
from monitor.reasons import Rule, large
from monitor.traces import Observed

REFRESH = timedelta(days=7)
"""How often a trailing reference moves on; of a monitor, never while an incident is open."""


@dataclass(frozen=True)
class Replayed:
    """One window of a replay: its combined p-value, whether it alarmed, and for one that was
    unlikely enough the reading that was the most unlikely."""

    window: Window
    p_value: float
    alarm: bool
    strongest: Reading | None = None

    @property
    def alone(self) -> bool:
        """Whether it alarmed by itself, and not by those before it."""
        return self.alarm and self.strongest is not None and self.strongest.span == 1


@dataclass(frozen=True, eq=False)
class Week:
    """A week of a replay. calibration: what it was judged by; before: what its windows reach back
    to; ahead: its windows and those after it, as far as the longest stretch; found: its windows,
    judged; alarmed: windows that alarmed, in other weeks ahead too."""

    calibration: Calibration
    before: Sequence[Observed]
    ahead: Sequence[Observed]
    found: Sequence[Replayed]
    alarmed: set[Window]


def replayed(
    basis: Basis,
    history: Iterable[Observed],
    rule: Rule,
    trailing: timedelta,
) -> list[Replayed]:
    """Every window after the first `trailing` of history, oldest first, judged by what trails it.

    The reference moves on every week, without windows that alarmed. Windows that cannot be judged
    (too few rows, or too little before them) are left out. Hard rules are not replayed.
    """
    found: list[Replayed] = []
    for week in weeks(basis, history, rule, trailing):
        found += week.found
    return found


def weeks(
    basis: Basis,
    history: Iterable[Observed],
    rule: Rule,
    trailing: timedelta,
    mix: str | None = None,
) -> Iterator[Week]:
    """As `replayed`, week by week; mix: as of `calibrated`. Of the history no more is held than a
    week's verdicts need."""
    alarmed: set[Window] = set()
    alone: set[Window] = set()
    coming = iter(history)
    held = list(islice(coming, 1))
    if not held:
        return
    at = held[0].window.start + trailing
    while _read(held, coming, at + REFRESH) > at:
        due = [s for s in held if at <= s.window.start < at + REFRESH]
        known = [s for s in held if at - trailing <= s.window.start and s.window.end <= at]
        calm = [s for s in known if s.window not in alarmed]
        if due and (calibration := calibrated(basis, calm, mix)).ready:
            reach = calibration.span * (due[0].window.end - due[0].window.start)
            before = [
                s for s in held if at - reach <= s.window.start < at and s.window not in alone
            ]
            found = judged(basis, calibration, rule, before, due)
            alarmed |= {one.window for one in found if one.alarm}
            alone |= {one.window for one in found if one.alone}
            _read(held, coming, at + reach)
            ahead = [s for s in held if at <= s.window.start < at + reach]
            yield Week(calibration, before, ahead, found, alarmed)
        at += REFRESH
        # A stretch counts where the reference holds three of it: none reaches back further.
        held = [s for s in held if s.window.start >= at - trailing] or held[-1:]


def _read(held: list[Observed], coming: Iterator[Observed], until: datetime) -> datetime:
    """Adds to `held` what comes, as far as one that starts at `until` or later; the last end."""
    while held[-1].window.start < until and (more := next(coming, None)):
        held.append(more)
    return held[-1].window.end


def judged(
    basis: Basis,
    calibration: Calibration,
    rule: Rule,
    before: Sequence[Observed],
    due: Sequence[Observed],
) -> list[Replayed]:
    """Windows in turn. All are scored at once, until one alarms by itself: it is left out of what
    later ones reach back to, and these are scored again."""
    found: list[Replayed] = []
    while due:
        p_values = calibration.p_values(basis, [*before, *due], len(due)).tolist()
        for i, p in enumerate(p_values):
            if due[i].n < rule.min_rows / 2 or math.isnan(p):
                continue
            found.append(_replayed(basis, calibration, rule, [*before, *due[: i + 1]], p))
            if found[-1].alone:
                break
        before, due = [*before, *due[:i]], due[i + 1 :]
    return found


def _replayed(
    basis: Basis, calibration: Calibration, rule: Rule, seen: Sequence[Observed], p: float
) -> Replayed:
    """The last of these windows, whose combined p-value is known."""
    if p > 1 / rule.n:
        return Replayed(seen[-1].window, p, alarm=False)
    read = readings(basis, calibration, seen)
    return Replayed(seen[-1].window, p, large(read, rule), read.strongest)


def rate(alarms: int, windows: int) -> dict[str, float]:
    """Alarms per 1000 windows, with the interval, in JSON."""
    low, high = poisson_interval(alarms, windows)
    return {"value": 1000 * alarms / max(windows, 1), "low": low, "high": high}


def poisson_interval(alarms: int, windows: int) -> tuple[float, float]:
    """95 % interval (Garwood 1936) of alarms per 1000 windows, both `nan` of no windows.

    >>> [round(bound, 2) for bound in poisson_interval(0, 3000)]
    [0.0, 1.23]
    """
    from scipy.special import gammaincinv

    if not windows:
        return math.nan, math.nan
    low = float(gammaincinv(alarms, 0.025)) if alarms else 0.0
    high = float(gammaincinv(alarms + 1, 0.975))
    return 1000 * low / windows, 1000 * high / windows
