"""The outbox: messages that are written with the verdict they speak of and leave after it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from monitor.model import Delivery
from monitor.store.kept import Kept, inserted
from monitor.store.tables import outbox

_FIELDS = [outbox.c[name] for name in Delivery.__dataclass_fields__]
_LONGEST_ERROR = 2000


class Outbox(Kept):
    """The outbox of a store: at least once, each message claimed by one process at a time."""

    def claim(self, now: datetime, owner: str, lease_s: float) -> Delivery | None:
        """The oldest message that is due, which is `owner`'s for `lease_s`; None if none is.

        By age, so that what begins an alert leaves before what ends it, whatever was retried.

        `attempts` of what is returned counts the claims before this one. A claim that was never
        answered counts, so that a message that kills its sender does not do so for ever.
        """
        with self.database.write() as connection:
            now = self.database.now(connection, now)
            due = sa.and_(
                outbox.c.state == "pending",
                outbox.c.next_at <= now,
                sa.or_(outbox.c.owner.is_(None), outbox.c.claimed_until <= now),
            )
            oldest = (outbox.c.created_at, outbox.c.next_at, outbox.c.id)
            turn = sa.select(*_FIELDS).where(due).order_by(*oldest).limit(1)
            taken = {"owner": owner, "claimed_until": now + timedelta(seconds=lease_s)}
            while (row := connection.execute(turn).one_or_none()) is not None:
                # `due` again: where writers do not exclude each other, another may be faster.
                mine = outbox.update().where(outbox.c.id == row.id, due)
                counted = mine.values(**taken, attempts=outbox.c.attempts + 1)
                if connection.execute(counted).rowcount == 1:
                    return Delivery(**row._mapping)
        return None

    def sent(self, delivery_id: str, owner: str, now: datetime) -> None:
        """Notes that a message has left.

        What has left has left, whoever holds the claim by now: the note spares a repetition.
        """
        self._settle(outbox.c.id == delivery_id, state="sent", error="", ended_at=now)

    def retry(self, delivery_id: str, owner: str, error: str, next_at: datetime) -> None:
        """Gives a message back until `next_at`; changes nothing if it is not `owner`'s any more."""
        self._settle(_claimed(delivery_id, owner), error=error[:_LONGEST_ERROR], next_at=next_at)

    def dead(self, delivery_id: str, owner: str, error: str, now: datetime) -> None:
        """Gives a message up; changes nothing if it is not `owner`'s any more."""
        mine = _claimed(delivery_id, owner)
        self._settle(mine, state="dead", error=error[:_LONGEST_ERROR], ended_at=now)

    def deliveries(
        self, state: Literal["pending", "sent", "dead"] | None = None, limit: int = 1000
    ) -> list[Delivery]:
        """The newest `limit` messages, of one state or of any, newest first."""
        mine = sa.select(*_FIELDS).order_by(outbox.c.created_at.desc(), outbox.c.id).limit(limit)
        if state is not None:
            mine = mine.where(outbox.c.state == state)
        with self.database.read() as connection:
            return [Delivery(**row._mapping) for row in connection.execute(mine)]

    def given_up(self, since: datetime) -> list[Delivery]:
        """The messages that were given up at `since` or later, newest first; a thousand at most."""
        mine = sa.select(*_FIELDS).where(_given_up(since))
        newest = mine.order_by(outbox.c.ended_at.desc(), outbox.c.id).limit(1000)
        with self.database.read() as connection:
            return [Delivery(**row._mapping) for row in connection.execute(newest)]

    def revive(self, since: datetime, now: datetime) -> int:
        """Lets the messages that were `given_up` wait again, with all their tries; how many."""
        again = {"state": "pending", "attempts": 0, "ended_at": None, "next_at": now}
        with self.database.write() as connection:
            changed = outbox.update().where(_given_up(since)).values(**again)
            return connection.execute(changed).rowcount

    def pending_count(self) -> int:
        """How many messages have neither left nor been given up."""
        mine = sa.select(sa.func.count()).where(outbox.c.state == "pending")
        with self.database.read() as connection:
            return connection.scalar(mine) or 0

    def _settle(self, which: sa.ColumnElement[bool], **values: Any) -> None:
        """Ends the claim on a pending message and changes it."""
        mine = outbox.update().where(which, outbox.c.state == "pending")
        with self.database.write() as connection:
            connection.execute(mine.values(owner=None, claimed_until=None, **values))


def keep_deliveries(connection: sa.Connection, run_id: str, new: Sequence[Delivery]) -> None:
    """Puts messages into the outbox; one whose id is there already stays as it is."""
    for delivery in new:
        inserted(connection, outbox, {**vars(delivery), "run_id": run_id})


def _given_up(since: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.state == "dead", outbox.c.ended_at >= since)


def _claimed(delivery_id: str, owner: str) -> sa.ColumnElement[bool]:
    return sa.and_(outbox.c.id == delivery_id, outbox.c.owner == owner)
