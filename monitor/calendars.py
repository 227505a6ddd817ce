"""Days that are known to be unlike others: left out, or judged by their name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta, tzinfo

from monitor.errors import UsageError
from monitor.model import Window

Days = tuple[date, date]
"""The first and the last of some days."""


@dataclass(frozen=True)
class Calendar:
    """excluded: days that are neither judged nor part of a reference; labelled: days that are
    judged, told by their name, and no part of a reference; zone: where a day begins."""

    excluded: tuple[Days, ...] = ()
    labelled: tuple[tuple[Days, str], ...] = ()
    zone: tzinfo = UTC

    def excludes(self, window: Window) -> bool:
        """Whether any part of a window lies in an excluded day."""
        return any(self._meets(window, days) for days in self.excluded)

    def label(self, window: Window) -> str | None:
        """The name of the days that a window meets, if they have one."""
        return next((name for days, name in self.labelled if self._meets(window, days)), None)

    def usual(self, window: Window) -> bool:
        """Whether a window may be part of a reference."""
        return not self.excludes(window) and self.label(window) is None

    def _meets(self, window: Window, days: Days) -> bool:
        last = window.end - timedelta(microseconds=1)
        first_day, last_day = (at.astimezone(self.zone).date() for at in (window.start, last))
        return first_day <= days[1] and days[0] <= last_day


def calendar(excluded: Sequence[str], labelled: Sequence[str], zone: tzinfo = UTC) -> Calendar:
    """The calendar of these days, written `2026-12-24` or `2026-12-24/2026-12-26`, and where they
    are labelled followed by the name. UsageError for anything else.

    >>> calendar(["2026-12-24/2026-12-26"], ["2026-11-27 Black Friday"]).labelled[0][1]
    'Black Friday'
    """
    named = []
    for text in labelled:
        when, _, name = text.partition(" ")
        if not name.strip():
            raise UsageError(f"{text!r} has no label", 'write "2026-11-27 Black Friday"')
        named.append((_days(when), name.strip()))
    return Calendar(tuple(_days(text) for text in excluded), tuple(named), zone)


def _days(text: str) -> Days:
    if re.fullmatch(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?", text):
        try:
            found = [date.fromisoformat(part) for part in text.split("/")]
        except ValueError:
            found = []
        if found and found[0] <= found[-1]:
            return found[0], found[-1]
    raise UsageError(f"{text!r} is no day", "write 2026-12-24 or 2026-12-24/2026-12-26")
