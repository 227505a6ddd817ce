"""The rule over history that is already there: how often it would have alarmed. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.model import Window
from monitor.readings import Reading, readings
from monitor.reasons import Rule, large
from monitor.traces import Observed

REFRESH = timedelta(days=7)


@dataclass(frozen=True)
class Replayed:
    """One window of a replay: its combined p-value, whether it alarmed, and the reading that was
    the most unlikely."""

    window: Window
    p_value: float
    alarm: bool
    strongest: Reading | None


def replayed(
    basis: Basis,
    history: Sequence[Observed],
    rule: Rule,
    trailing: timedelta,
    told: Callable[[int], None] = lambda done: None,
) -> list[Replayed]:
    """Every window after the first `trailing` of history, oldest first, judged by what trails it.

    The reference moves on every week, without windows that alarmed. Windows that cannot be judged
    (too few rows, or too little before them) are left out. Hard rules are not replayed.
    """
    found: list[Replayed] = []
    alone: set[Window] = set()
    alarmed: set[Window] = set()
    at = history[0].window.start + trailing if history else None
    while at is not None and at < history[-1].window.end:
        since, until = at - trailing, at + REFRESH
        calm = [s for s in history if since <= s.window.start and s.window.end <= at]
        calibration = calibrated(basis, [s for s in calm if s.window not in alarmed])
        due = [s for s in history if at <= s.window.start < until and s.n >= rule.min_rows / 2]
        for one in due if calibration.ready else ():
            first = one.window.end - calibration.span * (one.window.end - one.window.start)
            before = [s for s in history if first <= s.window.start < one.window.start]
            read = readings(
                basis, calibration, [*(s for s in before if s.window not in alone), one]
            )
            p = calibration.combined(read.p_values)
            alarm = p <= 1 / rule.n and large(read, rule)
            strongest = min(read.every, key=lambda r: r.p_value, default=None)
            found.append(Replayed(one.window, p, alarm, strongest))
            if alarm:
                alarmed.add(one.window)
                if strongest is not None and strongest.span == 1:
                    alone.add(one.window)
            told(len(found))
        at = until
    return found


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
