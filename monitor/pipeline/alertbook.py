"""The alerts of one monitor while its windows are judged: how they stand, and what flipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitor.alerts.message import fingerprint
from monitor.config import AlertSettings
from monitor.incidents import Patience, Standing
from monitor.model import Flip, Window, iso
from monitor.pipeline.sights import DRIFT, ENCODER, TOO_FEW, Sight
from monitor.store import AlertRow

_Key = tuple[str, str | None]


class AlertBook:
    """Goes through what was seen, oldest window first; nothing is stored or sent from here.

    stored: the alerts of this monitor as they stood before.
    """

    def __init__(
        self,
        monitor: str,
        space: str,
        settings: AlertSettings,
        stored: Iterable[AlertRow],
        at: datetime,
    ) -> None:
        self._labels = {"monitor": monitor, "space": space}
        self._settings, self._at = settings, at
        self._current: dict[_Key, AlertRow] = {}
        self._changed: dict[str, AlertRow] = {}
        self.flips: list[Flip] = []
        for row in sorted(stored, key=_when):
            if row.labels.get("monitor") == monitor:
                self._current[row.labels["alertname"], row.labels.get("segment")] = row

    def note(self, window: Window, sights: Iterable[Sight]) -> dict[str, Any] | None:
        """Counts what was seen of a window in; returns the open incident that it belongs to."""
        seen = list(sights)
        for sight in (*seen, *self._gone(seen)):
            self._see(window, sight)
        row = self._current.get((DRIFT, None))
        open_ = row is not None and row.state == "firing" and row.last_window == window
        return {"since": iso(row.since)} if row is not None and open_ else None

    def rows(self) -> dict[str, AlertRow]:
        """The alerts that changed, by fingerprint."""
        return self._changed

    def _gone(self, seen: Sequence[Sight]) -> list[Sight]:
        """Open alerts of segments that a quiet window tells nothing of, as quiet: of a segment
        that sends no rows any more nothing else would ever end the alert, and the reference stands
        still while one fires."""
        drift = {sight.segment: sight.breach for sight in seen if sight.alert == DRIFT}
        if drift.get(None) is not False:
            return []
        return [
            Sight(DRIFT, False, segment=segment)
            for (alert, segment), row in self._current.items()
            if alert == DRIFT and segment not in drift and row.state in ("pending", "firing")
        ]

    def _see(self, window: Window, sight: Sight) -> None:
        row = self._current.get((sight.alert, sight.segment))
        was = _standing(row)
        now = was.after(window, sight.breach, _patience(self._settings, sight.alert))
        if now == was or (row is None and now.state == "ok"):
            return
        opens = now.state in ("pending", "firing") and was.state not in ("pending", "firing")
        if row is None or opens:
            row = self._opened(sight)
        changed = now.state != was.state
        row = _moved(row, now, sight if changed or opens else None)
        self._current[sight.alert, sight.segment] = self._changed[row.fingerprint] = row
        if changed:
            self._flip(was, row, window)

    def _opened(self, sight: Sight) -> AlertRow:
        severity = self._severity(sight)
        labels = {"alertname": sight.alert, **self._labels, "severity": severity}
        if sight.segment is not None:
            labels["segment"] = sight.segment
        return AlertRow(
            fingerprint=fingerprint(labels),
            labels=labels,
            state="ok",
            since=self._at,
            last_window=None,
            quiet=0,
            severity=severity,
            acked_at=None,
            acked_by=None,
            summary="",
            last_sent_at=None,
        )

    def _severity(self, sight: Sight) -> str:
        """That of the incident, for a segment that is part of one: they share its messages."""
        whole = self._current.get((sight.alert, None)) if sight.segment is not None else None
        part = whole is not None and whole.state in ("pending", "firing")
        return whole.severity if whole is not None and part else sight.severity

    def _flip(self, was: Standing, row: AlertRow, window: Window) -> None:
        self.flips.append(
            Flip(
                labels=row.labels,
                before=was.state,
                after=row.state,
                at=self._at,
                window=None if window.start == window.end else window,
                summary=row.summary,
                body=row.body,
            )
        )


def _standing(row: AlertRow | None) -> Standing:
    if row is None:
        return Standing()
    return Standing(row.state, row.since, row.last_window, row.quiet, row.breaches)


def _moved(row: AlertRow, now: Standing, sight: Sight | None) -> AlertRow:
    """The row at its new standing; `sight` is what changed its state, if anything did."""
    row = replace(
        row,
        state=now.state,
        since=now.since or row.since,
        last_window=now.last,
        quiet=now.quiet,
        breaches=now.breaches,
    )
    if sight is None or now.last is None:
        return row
    over = now.state not in ("pending", "firing")
    window = None if now.last.start == now.last.end else now.last.to_dict()
    began = row.body.get("since") if over else now.since
    return replace(
        row,
        summary=row.summary if over else _summary(row, sight),
        body={**sight.body, "since": began, "window": window},
        acked_at=None,
        acked_by=None,
    )


def _summary(row: AlertRow, sight: Sight) -> str:
    since = f"{row.since:%Y-%m-%d %H:%M} UTC"
    why = f"; {sight.why}" if sight.why else ""
    return f"{row.labels['monitor']}: {sight.what} since {since}{why}"


def _patience(settings: AlertSettings, alert: str) -> Patience:
    if alert == DRIFT:
        return Patience(settings.for_windows, settings.quiet_windows)
    if alert == ENCODER:
        return Patience(1, settings.quiet_windows)
    return Patience(settings.no_data_windows if alert == TOO_FEW else 1, 1)


def _when(row: AlertRow) -> tuple[bool, datetime]:
    """The latest alert of a name comes last, whatever its severity."""
    return row.last_window is not None, row.last_window.start if row.last_window else row.since
