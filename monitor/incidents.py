"""From verdicts to incidents: when an alert begins, lasts and is over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from monitor.model import VerdictWord, Window


@dataclass(frozen=True)
class Standing:
    """Where an alert stands after some windows.

    since: start of the window that opened the incident or, when none is open, of the first
    window after the last one; quiet: quiet windows in a row while firing.
    """

    state: Literal["ok", "firing"] = "ok"
    since: datetime | None = None
    last: Window | None = None
    quiet: int = 0

    def after(self, window: Window, word: VerdictWord, quiet_windows: int) -> Standing:
        """The standing after one more window.

        Drift opens an incident or keeps it open; `quiet_windows` windows in a row of ok or warn
        close it. A window that could not be judged is neither. A window that is not later than
        the last one changes nothing, so that judging history again sends nothing twice.
        """
        if self.last is not None and window.start <= self.last.start:
            return self
        if word == "drift":
            since = self.since if self.state == "firing" else window.start
            return Standing("firing", since, window)
        if self.state == "ok" or word not in ("ok", "warn"):
            return replace(self, last=window)
        if self.quiet + 1 >= quiet_windows:
            return Standing("ok", window.start, window)
        return replace(self, last=window, quiet=self.quiet + 1)


def standings(judged: Iterable[tuple[Window, VerdictWord]], quiet_windows: int) -> list[Standing]:
    """The standing after each of these windows, oldest first."""
    found, standing = [], Standing()
    for window, word in judged:
        standing = standing.after(window, word, quiet_windows)
        found.append(standing)
    return found
