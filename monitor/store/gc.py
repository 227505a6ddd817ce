"""Finding and removing blobs that nothing points at, and saying what is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from monitor.errors import MonitorError
from monitor.store.columns import Digest
from monitor.store.kept import Kept
from monitor.store.migrations import differences
from monitor.store.rows import GcReport
from monitor.store.tables import metadata


class Sweeping(Kept):
    """Housekeeping of a store."""

    def gc(self, now: datetime, safety_age: timedelta, dry_run: bool = False) -> GcReport:
        """Removes blobs no row points at and unfinished files, both older than `safety_age`.

        A blob is put before the row that points at it: keep `safety_age` longer than any run
        takes. Should a row come for a blob that is gone all the same, it is refused, not stored.
        """
        oldest = now - safety_age
        files = list(self.blobs.files())
        # No row can appear and no blob can become young again between the look and the removal.
        with self.blobs.sweeping(), self.database.write() as connection:
            used = used_blobs(connection)
            loose = [digest for digest, _ in files if digest not in used]
            old = [(d, s) for d, s in self.blobs.files(loose) if s.written_at < oldest]
            unfinished = [(p, s) for p, s in self.blobs.unfinished() if s.written_at < oldest]
            if not dry_run:
                self.blobs.remove([d for d, _ in old], [p for p, _ in unfinished])
        return GcReport(
            blobs=tuple(digest for digest, _ in old),
            unfinished=len(unfinished),
            freed_bytes=sum(found.size for _, found in [*old, *unfinished]),
            kept=len(files) - len(old),
            dry_run=dry_run,
        )

    def problems(self) -> Iterator[str]:
        """A sentence for everything that is missing or damaged; reads every blob in use."""
        with self.database.read() as connection:
            yield from self.database.damage(connection)
            for change in differences(connection):
                yield f"the store {self.database.name} has other tables than it should: {change}"
            used = used_blobs(connection)
        for digest in sorted(used):
            try:
                self.blobs.verify(digest)
            except MonitorError as error:
                yield error.message


def used_blobs(connection: sa.Connection) -> set[str]:
    """Digests of all blobs that rows point at: the values of every column of type Digest."""
    return {
        digest
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Digest)
        for digest in connection.scalars(sa.select(column).distinct())
        if digest is not None
    }
