"""Where each alert stands, and every change of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.model import Flip, Window
from monitor.store.kept import Kept, nearest
from monitor.store.rows import AlertRow, RunRow
from monitor.store.tables import alerts, flips


class Alerts(Kept):
    """The alert book of a store."""

    def alert_states(self, space: str | None = None) -> list[AlertRow]:
        """Where the alerts stand, of one space or of all, those that changed last first."""
        mine = sa.select(alerts).order_by(alerts.c.since.desc(), alerts.c.fingerprint)
        if space is not None:
            mine = mine.where(alerts.c.space == space)
        with self.database.read() as connection:
            return [_alert(row) for row in connection.execute(mine)]

    def ack(self, fingerprint: str, by: str, now: datetime) -> AlertRow:
        """Notes that `by` looks after an alert. Raises UsageError for an unknown one."""
        mine = alerts.c.fingerprint == fingerprint
        with self.database.write() as connection:
            connection.execute(alerts.update().where(mine).values(acked_at=now, acked_by=by))
            row = connection.execute(sa.select(alerts).where(mine)).one_or_none()
            if row is None:
                known = connection.scalars(sa.select(alerts.c.fingerprint)).all()
                hint = nearest(fingerprint, known, "alert")
                raise UsageError(f"there is no alert {fingerprint!r}", hint)
        return _alert(row)

    def flips(self, space: str, limit: int = 1000) -> list[Flip]:
        """The last changes of a space's alerts, oldest first."""
        mine = sa.select(flips).where(flips.c.space == space).order_by(flips.c.id.desc())
        with self.database.read() as connection:
            rows = connection.execute(mine.limit(limit)).all()
        return [_flip(row) for row in reversed(rows)]


def keep_states(connection: sa.Connection, states: Sequence[AlertRow]) -> None:
    """Makes each of `states` the one its alert is in.

    An acknowledgement that came in while the check was running is not lost: it stays as long as
    the alert stays in the state it was given for.
    """
    stored = {row.fingerprint: _alert(row) for row in connection.execute(sa.select(alerts))}
    fresh = []
    for state in states:
        old = stored.get(state.fingerprint)
        if old is None:
            fresh.append(_alert_values(state))
            continue
        if old.acked_at and not state.acked_at and _incident(old) == _incident(state):
            state = replace(state, acked_at=old.acked_at, acked_by=old.acked_by)
        values = _alert_values(state)
        for known in ("told", "last_sent_at"):  # changed by messages alone
            values.pop(known)
        mine = alerts.c.fingerprint == state.fingerprint
        connection.execute(alerts.update().where(mine).values(**values))
    if fresh:
        connection.execute(alerts.insert(), fresh)


def keep_told(connection: sa.Connection, told: Mapping[str, str], at: datetime) -> None:
    """Notes what the receivers of each alert, by fingerprint, were told at `at`."""
    for fingerprint, word in told.items():
        mine = alerts.c.fingerprint == fingerprint
        connection.execute(alerts.update().where(mine).values(told=word, last_sent_at=at))


def keep_flips(connection: sa.Connection, run: RunRow, new: Sequence[Flip]) -> None:
    """Appends what a run changed."""
    rows = [
        {
            "run_id": run.id,
            "space": flip.labels.get("space", run.space),
            "labels": flip.labels,
            "before": flip.before,
            "after": flip.after,
            "at": flip.at,
            **_window_values(flip.window),
            "summary": flip.summary,
            "body": flip.body,
        }
        for flip in new
    ]
    if rows:
        connection.execute(flips.insert(), rows)


def _incident(row: AlertRow) -> tuple[str, datetime]:
    return row.state, row.since


def _alert_values(row: AlertRow) -> dict[str, Any]:
    values = {**vars(row), **_window_values(row.last_window), "space": row.labels.get("space", "")}
    values.pop("last_window")
    return values


def _window_values(window: Window | None) -> dict[str, datetime | None]:
    start, end = (window.start, window.end) if window else (None, None)
    return {"window_start": start, "window_end": end}


def _alert(row: sa.Row[Any]) -> AlertRow:
    values = dict(row._mapping)
    values.pop("space")
    window = _window(values.pop("window_start"), values.pop("window_end"))
    return AlertRow(last_window=window, **values)


def _flip(row: sa.Row[Any]) -> Flip:
    window = _window(row.window_start, row.window_end)
    return Flip(row.labels, row.before, row.after, row.at, window, row.summary, row.body)


def _window(start: datetime | None, end: datetime | None) -> Window | None:
    return Window(start, end) if start and end else None
