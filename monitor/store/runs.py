"""Runs: what one check found, kept in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.model import Delivery, Flip
from monitor.store.alerts import keep_flips, keep_states, keep_told
from monitor.store.kept import Kept, inserted, nearest
from monitor.store.leases import require_held
from monitor.store.outbox import keep_deliveries
from monitor.store.rows import AlertRow, Lease, RunRow, VerdictRow
from monitor.store.spaces import space_row
from monitor.store.tables import runs
from monitor.store.verdicts import keep_verdicts


class Runs(Kept):
    """The runs of a store."""

    def record_check(
        self,
        run: RunRow,
        verdicts: Sequence[VerdictRow] = (),
        flips: Sequence[Flip] = (),
        deliveries: Sequence[Delivery] = (),
        states: Mapping[str, AlertRow] | None = None,
        *,
        lease: Lease | None = None,
    ) -> bool:
        """Keeps all of a check, or nothing; False where a run of this id is kept already.

        One call holds everything that has to be true together: a message may leave only if the
        verdict it speaks of is stored. With `lease`, raises Busy if another took it over since.
        `states` goes by fingerprint. Raises UsageError for an unknown space, MonitorError for a
        missing blob.
        """
        with self.database.write() as connection:
            if lease is not None:
                require_held(connection, lease)
            space_row(connection, run.space)
            self._require_blobs(run.document)
            if not inserted(connection, runs, vars(run)):
                return False
            keep_verdicts(connection, run, verdicts)
            keep_flips(connection, run, flips)
            keep_states(connection, [replace(s, fingerprint=f) for f, s in (states or {}).items()])
            keep_deliveries(connection, run.id, deliveries)
        return True

    def record_messages(
        self, run: RunRow, deliveries: Sequence[Delivery], told: Mapping[str, str]
    ) -> None:
        """Keeps messages together with what they tell, by fingerprint of the alert, or nothing."""
        with self.database.write() as connection:
            inserted(connection, runs, vars(run))
            keep_deliveries(connection, run.id, deliveries)
            keep_told(connection, told, run.finished_at)

    def runs(self, space: str, limit: int | None = None) -> list[RunRow]:
        """The runs of a space, oldest first; the last `limit` of them if given."""
        mine = sa.select(runs).where(runs.c.space == space)
        backwards = mine.order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
        with self.database.read() as connection:
            space_row(connection, space)
            rows = connection.execute(backwards).all()
        return [RunRow(**row._mapping) for row in reversed(rows)]

    def run(self, run_id: str) -> RunRow:
        """One run. Raises UsageError with the nearest known id as its hint."""
        with self.database.read() as connection:
            row = connection.execute(sa.select(runs).where(runs.c.id == run_id)).one_or_none()
            if row is None:
                newest = sa.select(runs.c.id).order_by(runs.c.started_at.desc()).limit(1000)
                known = connection.scalars(newest).all()
                raise UsageError(f"there is no run {run_id!r}", nearest(run_id, known, "run"))
        return RunRow(**row._mapping)
