"""Silences: which alerts are muted, from when to when, by whom and why."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.model import Silence
from monitor.store.kept import Kept, nearest
from monitor.store.tables import silences


class Silences(Kept):
    """The silences of a store."""

    def add_silence(self, silence: Silence) -> None:
        """Keeps a new silence."""
        with self.database.write() as connection:
            connection.execute(silences.insert().values(**vars(silence)))

    def silences(self, after: datetime) -> list[Silence]:
        """The silences that end after `after`, by start."""
        mine = sa.select(silences).where(silences.c.end > after)
        with self.database.read() as connection:
            rows = connection.execute(mine.order_by(silences.c.start, silences.c.id))
            return [Silence(**row._mapping) for row in rows]

    def end_silence(self, silence_id: str, now: datetime) -> Silence:
        """Ends a silence now, if it has not ended. Raises UsageError for an unknown one."""
        mine = silences.c.id == silence_id
        with self.database.write() as connection:
            connection.execute(silences.update().where(mine, silences.c.end > now).values(end=now))
            row = connection.execute(sa.select(silences).where(mine)).one_or_none()
            if row is None:
                known = connection.scalars(sa.select(silences.c.id)).all()
                hint = nearest(silence_id, known, "silence")
                raise UsageError(f"there is no silence {silence_id!r}", hint)
        return Silence(**row._mapping)
