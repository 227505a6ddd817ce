"""Taking out of the store what it must not hold any longer: one person's rows, or old windows."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.errors import Busy
from monitor.store.columns import Document
from monitor.store.gc import used_blobs
from monitor.store.kept import Kept
from monitor.store.leases import require_held
from monitor.store.rows import Lease, Purge, Rewritten
from monitor.store.spaces import space_row
from monitor.store.tables import (
    alerts,
    flips,
    marks,
    metadata,
    outbox,
    parts,
    purges,
    reference_log,
    runs,
    superseded_verdicts,
    verdicts,
    versions,
    windows,
)

_WITH_ROWS = {
    "profiles": sa.select(parts.c.profile, windows.c.space).join(windows),
    "calibrations": sa.select(reference_log.c.calibration, reference_log.c.space),
    "versions": sa.select(versions.c.blob, versions.c.space),
    "documents": sa.select(runs.c.document, runs.c.space),
}
_SENTENCES = (alerts.c.summary, flips.c.summary)


class Purging(Kept):
    """What can be taken out of a store, and the trail of what was."""

    def blobs_of(self, space: str) -> dict[str, set[str]]:
        """The blobs of a space that can hold rows: profiles, calibrations, versions, documents."""
        with self.database.read() as connection:
            space_row(connection, space)
            return _blobs_of(connection, space)

    def purge(self, purge: Purge, change: Rewritten, lease: Lease) -> Purge:
        """Carries out `purge` and puts it on the trail, in one transaction; then with counts of
        all that was removed.

        Raises Busy where the space got a blob that was not looked into, or where another took
        `lease` over. What `change` replaced is still there until `forget`.
        """
        space, removed = purge.space, dict(purge.removed)
        with self.database.write() as connection:
            require_held(connection, lease)
            if purge.before is not None:
                removed |= _without_old(connection, space, purge.before)
            left = set().union(*_blobs_of(connection, space).values())
            if not left <= set(change.seen):
                raise Busy(f"space {space!r} was written to meanwhile", "run it again")
            self._require_blobs(*(change.renamed[old] for old in left & change.renamed.keys()))
            _rename(connection, space, change)
            _reword(connection, change)
            done = replace(purge, removed=removed)
            connection.execute(purges.insert().values(**vars(done)))
        return done

    def purges(self) -> list[Purge]:
        """All purges there were, oldest first."""
        fields = [purges.c[name] for name in Purge.__dataclass_fields__]
        with self.database.read() as connection:
            rows = connection.execute(sa.select(*fields).order_by(purges.c.id))
            return [Purge(**row._mapping) for row in rows]

    def forget(self, digests: Collection[str]) -> None:
        """Deletes these blobs at once, as far as no row points at them."""
        with self.blobs.sweeping(), self.database.write() as connection:
            self.blobs.remove(set(digests) - used_blobs(connection), [])
        self.database.forget()


def _blobs_of(connection: sa.Connection, space: str) -> dict[str, set[str]]:
    found = {}
    for kind, blobs in _WITH_ROWS.items():
        mine = connection.scalars(blobs.where(blobs.selected_columns.space == space).distinct())
        found[kind] = {digest for digest in mine if digest is not None}
    return found


def _without_old(connection: sa.Connection, space: str, before: datetime) -> dict[str, int]:
    """Deletes the windows that ended by `before`, and what was said of them or by then."""
    found = {
        table.name: connection.execute(table.delete().where(which)).rowcount
        for table, which in _old(space, before)
    }
    done = sa.and_(runs.c.space == space, runs.c.finished_at <= before)
    connection.execute(runs.update().where(done).values(document=None))
    pointing = [table.c.run_id for table in (verdicts, superseded_verdicts, flips, outbox)]
    named = sa.union(*(sa.select(c) for c in (*pointing, superseded_verdicts.c.superseded_by)))
    found["runs"] = connection.execute(runs.delete().where(done, runs.c.id.not_in(named))).rowcount
    return found


def _old(space: str, before: datetime) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    ended = sa.and_(windows.c.space == space, windows.c.end <= before)
    yield parts, parts.c.window_id.in_(sa.select(windows.c.id).where(ended))
    yield windows, ended
    for at in (verdicts.c.end, superseded_verdicts.c.end, flips.c.at, marks.c.at):
        yield at.table, sa.and_(at.table.c.space == space, at <= before)
    told = outbox.c.run_id.in_(sa.select(runs.c.id).where(runs.c.space == space))
    yield outbox, sa.and_(told, outbox.c.state != "pending", outbox.c.created_at <= before)


def _rename(connection: sa.Connection, space: str, change: Rewritten) -> None:
    of_space = parts.c.window_id.in_(sa.select(windows.c.id).where(windows.c.space == space))
    holders = [
        (parts.c.profile, of_space),
        (reference_log.c.calibration, reference_log.c.space == space),
        (runs.c.document, runs.c.space == space),
    ]
    for old, new in change.renamed.items():
        for column, mine in holders:
            held = column.table.update().where(mine, column == old)
            connection.execute(held.values({column.name: new}))
        if old in change.versions:
            held = versions.update().where(versions.c.space == space, versions.c.blob == old)
            connection.execute(held.values(blob=new, digest=new, rows=change.versions[old]))


def _reword(connection: sa.Connection, change: Rewritten) -> None:
    """Puts every document and sentence as `change` says."""
    every = [c for table in metadata.sorted_tables for c in table.columns if table is not purges]
    for column in (*(c for c in every if isinstance(c.type, Document)), *_SENTENCES):
        key = list(column.table.primary_key.columns)
        for *own, value in connection.execute(sa.select(*key, column)).all():
            new: Any = change.reworded(value)
            if new != value:
                same = [part == one for part, one in zip(key, own, strict=True)]
                update = column.table.update().where(*same)
                connection.execute(update.values({column.name: new}))
