"""Leases: who may do something alone, for how long, and which holder came after which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from monitor.errors import Busy
from monitor.model import checked_name, iso
from monitor.store.filelock import file_lock
from monitor.store.kept import Kept, inserted
from monitor.store.rows import Lease
from monitor.store.tables import leases


class Leases(Kept):
    """The leases of a store."""

    @contextmanager
    def lock(self, name: str, owner: str, lease_s: float, now: datetime) -> Iterator[Lease]:
        """Holds the lease `name` until the end of the block, `lease_s` after `now` at the latest.

        Raises Busy naming the holder and since when. Where all processes are of one host, a lock
        of the kernel tells whether the holder lives: a living one keeps the lease however late,
        a dead one is followed at once. Elsewhere it is followed once the lease has expired, by the
        database's clock. Give the lease to `record_check`, so that a holder that was frozen and
        replaced cannot commit.
        """
        checked_name(name, "lock")
        with ExitStack() as held:
            try:
                if self.database.locks is not None:
                    held.enter_context(file_lock(self.database.locks / name))
            except Busy:
                with self.database.read() as connection:
                    raise _held(name, _lease(connection, name)) from None
            lease = self._taken(name, owner, lease_s, now)
            try:
                yield lease
            finally:
                self._release(lease)

    def _taken(self, name: str, owner: str, lease_s: float, now: datetime) -> Lease:
        with self.database.write() as connection:
            now = self.database.now(connection, now)
            until = now + timedelta(seconds=lease_s)
            new: dict[str, Any] = {"owner": owner, "since": now, "expires_at": until}
            over = sa.or_(leases.c.owner.is_(None), leases.c.expires_at <= now)
            # Whoever holds the file lock besides knows that nobody living has the lease.
            free = over if self.database.locks is None else sa.true()
            mine = leases.update().where(leases.c.name == name, free)
            if not inserted(connection, leases, {"name": name, "fence": 1, **new}):
                taken = connection.execute(mine.values(**new, fence=leases.c.fence + 1))
                if taken.rowcount != 1:
                    raise _held(name, _lease(connection, name))
            return Lease(name, fence=_fence(connection, name), **new)

    def _release(self, lease: Lease) -> None:
        mine = leases.update().where(leases.c.name == lease.name, leases.c.fence == lease.fence)
        # A lease that cannot be given back now ends by itself.
        with suppress(Busy), self.database.write() as connection:
            connection.execute(mine.values(owner=None))


def require_held(connection: sa.Connection, lease: Lease) -> None:
    """Raises Busy if another has taken `lease` since; its mere expiry does no harm."""
    if _fence(connection, lease.name) == lease.fence:
        return
    now = _lease(connection, lease.name)
    raise Busy(
        f"lock {lease.name!r} went from {lease.owner} to {now.owner if now else 'another run'}",
        "nothing was stored; run again",
    )


def _fence(connection: sa.Connection, name: str) -> int:
    mine = sa.select(leases.c.fence).where(leases.c.name == name)
    return connection.scalar(mine) or 0


def _lease(connection: sa.Connection, name: str) -> Lease | None:
    """The lease as it is held now; None if nobody holds it."""
    mine = sa.select(leases).where(leases.c.name == name, leases.c.owner.is_not(None))
    row = connection.execute(mine).one_or_none()
    return None if row is None else Lease(**row._mapping)


def _held(name: str, lease: Lease | None) -> Busy:
    if lease is None:
        return Busy(f"lock {name!r} is held by another process of this host", "try again later")
    return Busy(
        f"lock {name!r} is held by {lease.owner} since {iso(lease.since)}",
        f"try again later; after a crash it is free at {iso(lease.expires_at)}",
    )
