"""When an alert begins, lasts and is over, and who is told. Pure: no clock, no store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from monitor.model import AlertState, Verdict, VerdictWord, Window

Saying = Literal["firing", "repeat", "joined", "resolved"]


@dataclass(frozen=True)
class Patience:
    """breaches: windows in a row until an alert fires; quiet: quiet ones until it is over."""

    breaches: int = 1
    quiet: int = 6


@dataclass(frozen=True)
class Standing:
    """Where an alert stands after some windows.

    since: start of the first window of what it is in now; breaches: windows in a row that breached
    while pending; quiet: quiet windows in a row while firing.
    """

    state: AlertState = "ok"
    since: datetime | None = None
    last: Window | None = None
    quiet: int = 0
    breaches: int = 0

    def after(self, window: Window, breach: bool | None, patience: Patience) -> Standing:
        """The standing after one more window; None: it could not be judged, which is neither.

        The first breach ever counts like any other. A window that is not later than the last one
        changes nothing, so that judging history again sends nothing twice.
        """
        if self.last is not None and window.start <= self.last.start:
            return self
        if breach is None:
            return replace(self, last=window)
        return self._breached(window, patience) if breach else self._quiet(window, patience)

    def _breached(self, window: Window, patience: Patience) -> Standing:
        if self.state == "firing":
            return replace(self, last=window, quiet=0)
        pending = self.state == "pending"
        since = self.since if pending else window.start
        breaches = self.breaches + 1 if pending else 1
        if breaches >= patience.breaches:
            return Standing("firing", since, window)
        return Standing("pending", since, window, breaches=breaches)

    def _quiet(self, window: Window, patience: Patience) -> Standing:
        if self.state == "pending":
            return Standing("ok", window.start, window)
        if self.state != "firing":
            return replace(self, last=window)
        if self.quiet + 1 >= patience.quiet:
            return Standing("resolved", window.start, window)
        return replace(self, last=window, quiet=self.quiet + 1)


def breach(word: VerdictWord) -> bool | None:
    """Whether a verdict is a breach; None where it decides nothing.

    >>> breach("drift"), breach("warn"), breach("insufficient")
    (True, False, None)
    """
    return word == "drift" if word in ("drift", "warn", "ok") else None


INHIBITORS: Mapping[str, tuple[str, ...]] = {
    "embedding_drift": (
        "encoder_changed",
        "reference_changed",
        "too_few_rows",
    ),
    "too_few_rows": ("dimension_changed", "schema_changed"),
    "no_data": ("dimension_changed", "schema_changed", "monitor_error"),
}
"""Alerts by name, with those of the same monitor that mute them while they fire: what explains
the other, or makes it meaningless."""


@dataclass(frozen=True)
class Told:
    """One alert of a group, and what its receivers were last told of it.

    firing: whether it fires now; told: the last message was that it fires; muted: by a silence or
    by another alert; acked: someone is on it; at: when they were last told; part: of an incident
    that they know of.
    """

    firing: bool
    told: bool
    muted: bool = False
    acked: bool = False
    at: datetime | None = None
    part: bool = False


def saying(group: Iterable[Told], now: datetime, repeat: timedelta | None) -> Saying | None:
    """What has to be said of a group of alerts now, in one message; None: nothing.

    Firing as soon as one that is not muted was not told; again after `repeat` unless someone
    is on it; joined where it only reached one more part; resolved when none fires any more.
    Whoever was told that it fires is told that it is over, silenced or not.
    """
    alerts = list(group)
    loud = [one for one in alerts if one.firing and not one.muted]
    new = [one for one in loud if not one.told]
    if any(not one.part for one in new):
        return "firing"
    waiting = [one for one in loud if not one.acked]
    if repeat is not None and any(one.at is not None and now - one.at >= repeat for one in waiting):
        return "repeat"
    if new:
        return "joined"
    over = not any(one.firing for one in alerts) and any(one.told for one in alerts)
    return "resolved" if over else None


def severity(verdict: Verdict) -> str:
    """`critical` for a broken hard rule or a large effect, else `warning`."""
    size = verdict.effect
    large = (
        size["tv_clusters"] >= 0.15
        or size["mean_sd"] >= 0.25
        or size["auc"] >= 0.75
        or abs(size["residual_ratio"] - 1) >= 0.2
    )
    return "critical" if large or verdict.detail.get("hard_rules") else "warning"
