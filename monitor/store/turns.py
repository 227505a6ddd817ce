"""How each monitor's last turn in a run went."""

from __future__ import annotations

import sqlalchemy as sa

from monitor.store.kept import Kept, inserted
from monitor.store.rows import TurnRow
from monitor.store.tables import turns


class Turns(Kept):
    """The last turn of every monitor that ever ran."""

    def begin_turn(self, turn: TurnRow) -> None:
        """Notes that a turn began; should its process be killed, that is all that is known."""
        mine = turns.update().where(turns.c.monitor == turn.monitor)
        with self.database.write() as connection:
            if not inserted(connection, turns, {**vars(turn), "cut_off": 1}):
                connection.execute(mine.values(cut_off=turns.c.cut_off + 1))

    def end_turn(self, monitor: str) -> None:
        """Notes that a turn ended, however it went; what is to be said of it may still be lost."""
        mine = turns.update().where(turns.c.monitor == monitor)
        with self.database.write() as connection:
            connection.execute(mine.values(cut_off=0))

    def record_turn(self, turn: TurnRow) -> None:
        """Makes `turn` its monitor's last; one that failed leaves `succeeded_at` as it was."""
        row = {**vars(turn), "succeeded_at": None if turn.error else turn.finished_at}
        mine = turns.update().where(turns.c.monitor == turn.monitor)
        with self.database.write() as connection:
            if not inserted(connection, turns, row):
                if turn.error:
                    row.pop("succeeded_at")
                connection.execute(mine.values(**row))

    def turns(self) -> list[TurnRow]:
        """The last turns, by monitor."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(turns).order_by(turns.c.monitor))
            return [TurnRow(**row._mapping) for row in rows]
