"""What lies before a window, read from the store stretch by stretch: it may hold years."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime

from monitor.model import Window
from monitor.store import Store, StoredWindow

AHEAD = 512
"""So many window lengths after the one asked for are read with what lies before it."""


class Past:
    """Windows of a basis before others, but those that `excluded` is true of, and which of them
    monitor `monitor` found to stand out by themselves."""

    def __init__(
        self,
        store: Store,
        names: tuple[str, str, str],
        excluded: Callable[[Window], bool],
    ) -> None:
        self._store, self._excluded = store, excluded
        self._space, self._monitor, self._basis_id = names
        self._windows: list[StoredWindow] = []
        self._read: tuple[datetime, datetime] | None = None
        self._alone: dict[Window, bool] = {}
        self._judged: dict[Window, bool] = {}

    def before(self, window: Window, span: int) -> list[StoredWindow]:
        """The windows before this one within the `span` window lengths that end with it, oldest
        first."""
        since = window.end - span * (window.end - window.start)
        if self._read is None or not self._read[0] <= since <= window.start <= self._read[1]:
            self._fetch(since, window)
        places = [bisect_left(self._windows, at, key=_start) for at in (since, window.start)]
        return self._windows[slice(*places)]

    def stood_out(self, window: Window) -> bool:
        """Whether the verdict on one of those before was drift that needed no other window."""
        return self._judged.get(window, self._alone.get(window, False))

    def note(self, window: Window, alone: bool) -> None:
        """What was found now counts, and not what is stored of the window."""
        self._judged[window] = alone

    def _fetch(self, since: datetime, window: Window) -> None:
        ahead = AHEAD * (window.end - window.start)
        self._read = since, window.start + ahead
        end = window.end + ahead
        stored = self._store.windows(self._space, self._basis_id, since, end)
        self._windows = [one for one in stored if not self._excluded(one.window)]
        rows = self._store.history(self._space, monitor=self._monitor, start=since, end=end)
        self._alone = {row.window: bool(row.detail.get("alone")) for row in rows}


def _start(stored: StoredWindow) -> datetime:
    return stored.window.start
