"""Windows of traffic, made of parts: what one source holds of one window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import sqlalchemy as sa

from monitor.errors import MonitorError
from monitor.model import Window
from monitor.store import ingestion
from monitor.store.kept import Kept, within
from monitor.store.references import require_basis
from monitor.store.rows import ChangedWindows, InputRow, Part, PartRef, StoredWindow
from monitor.store.spaces import space_row
from monitor.store.tables import bases, inputs, parts, verdicts, windows
from monitor.store.verdicts import decided_later


class Windows(Kept):
    """The windows of a store."""

    def ingested(self, space: str, source_digest: str, source_key: str | None = None) -> bool:
        """Whether a source of this content counts now under the current basis.

        With `source_key`, whether it counts under that very key; ask so before skipping a file,
        since a file that became a copy of another one must still lose its earlier rows. False
        again after a new basis was added: profiles of unlike bases cannot be merged.
        """
        mine = sa.select(inputs.c.id).where(_counted(space), inputs.c.digest == source_digest)
        if source_key is not None:
            mine = mine.where(inputs.c.source_key == source_key)
        with self.database.read() as connection:
            return connection.execute(mine.limit(1)).first() is not None

    def inputs(self, space: str) -> dict[str, InputRow]:
        """The sources that count now under the current basis, by key; none where there is none."""
        fields = ("digest", "rows", "stamp")
        mine = sa.select(inputs.c.source_key, *(inputs.c[name] for name in fields))
        with self.database.read() as connection:
            rows = connection.execute(mine.where(_counted(space)))
            return {row[0]: InputRow(*row) for row in rows}

    def note_stamps(self, space: str, stamps: Mapping[str, str]) -> None:
        """Keeps the stamps of sources that were just found to be as they are stored, by key."""
        mine = _counted(space), inputs.c.source_key == sa.bindparam("of_key")
        values = [{"of_key": key, "new_stamp": stamp} for key, stamp in stamps.items()]
        if values:
            with self.database.write() as connection:
                changed = inputs.update().where(*mine).values(stamp=sa.bindparam("new_stamp"))
                connection.execute(changed, values)

    def add_parts(
        self,
        space: str,
        basis_id: str,
        source: InputRow,
        parts: Sequence[Part],
        now: datetime,
    ) -> ChangedWindows:
        """Adds what `source` holds of each window; all of it or, after a kill, nothing.

        The same source twice changes nothing. A key seen before with other content loses its
        earlier parts. A part whose rows its window already has from another key (a copied file)
        is kept but does not count until that one goes.
        Raises UsageError for an unknown space or basis, MonitorError for a missing blob.
        """
        _check_keys(source, parts)
        with self.database.write() as connection:
            space_row(connection, space)
            require_basis(connection, space, basis_id)
            self._require_blobs(*(blob for part in parts for blob in (part.profile, part.traces)))
            return ingestion.added(connection, (space, basis_id), source, parts, now)

    def windows(
        self,
        space: str,
        basis_id: str,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        first: int | None = None,
        last: int | None = None,
    ) -> list[StoredWindow]:
        """The windows that lie wholly in [start, end), by start; those without rows are left out.

        first, last: only so many of them. The order of their parts depends on content alone, so
        that sums over them come out the same to the last bit wherever and in whatever order they
        were ingested.
        """
        which = within(windows, start, end)
        if first is not None or last is not None:
            by = (windows.c.start, windows.c.end)
            ordered = by if last is None else [column.desc() for column in by]
            some = sa.select(windows.c.id).where(_of(space, basis_id), *which, _HAS_ROWS)
            some = some.order_by(*ordered).limit(first if last is None else last)
            which = [windows.c.id.in_(some.subquery().select())]
        return self._windows(space, basis_id, which)

    def windows_at(self, space: str, basis_id: str, at: datetime) -> list[StoredWindow]:
        """The windows that hold a moment: one, unless they overlap."""
        return self._windows(space, basis_id, [windows.c.start <= at, windows.c.end > at])

    def unjudged(
        self, space: str, basis_id: str, monitor: str, start: datetime | None, end: datetime
    ) -> list[StoredWindow]:
        """As `windows`, those whose present content `monitor` has not judged."""
        row = verdicts.alias()
        of_this = (
            row.c.space == windows.c.space,
            row.c.monitor == monitor,
            *(row.c[name] == windows.c[name] for name in ("start", "end")),
        )
        judged = sa.select(row.c.id).where(*of_this, row.c.content == windows.c.revision)
        judged = judged.where(~decided_later(row))
        return self._windows(space, basis_id, [*within(windows, start, end), ~judged.exists()])

    def _windows(
        self, space: str, basis_id: str, which: Iterable[sa.ColumnElement[bool]]
    ) -> list[StoredWindow]:
        mine = (
            sa.select(windows, parts, inputs.c.source_key)
            .join_from(windows, parts, parts.c.window_id == windows.c.id)
            .join(inputs, inputs.c.id == parts.c.input_id)
            .where(_of(space, basis_id), *which)
            .order_by(windows.c.start, windows.c.end, parts.c.content_digest, inputs.c.source_key)
        )
        with self.database.read() as connection:
            space_row(connection, space)
            rows = connection.execute(mine.set_label_style(sa.LABEL_STYLE_TABLENAME_PLUS_COL))
            grouped = groupby(rows, key=lambda row: row.windows_id)
            return [_stored_window(list(group)) for _, group in grouped]


_HAS_ROWS = sa.select(parts.c.id).where(parts.c.window_id == windows.c.id).exists()


def _of(space: str, basis_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(windows.c.space == space, windows.c.basis_id == basis_id)


def _counted(space: str) -> sa.ColumnElement[bool]:
    """Inputs that no other has replaced, under the current basis of a space."""
    current = sa.select(sa.func.max(bases.c.id)).where(bases.c.space == space)
    basis_id = sa.select(bases.c.basis_id).where(bases.c.id == current.scalar_subquery())
    of_basis = inputs.c.basis_id == basis_id.scalar_subquery()
    return sa.and_(inputs.c.space == space, of_basis, inputs.c.replaced_at.is_(None))


def _check_keys(source: InputRow, parts: Iterable[Part]) -> None:
    for part in parts:
        if part.source_key != source.key:
            raise MonitorError(f"a part of {part.source_key!r} came with the source {source.key!r}")


def _stored_window(rows: Sequence[sa.Row[tuple[object, ...]]]) -> StoredWindow:
    distinct = [next(copies) for _, copies in groupby(rows, lambda row: row.parts_content_digest)]
    refs = tuple(
        PartRef(
            row.parts_profile,
            row.parts_traces,
            row.parts_rows,
            row.parts_content_digest,
            row.inputs_source_key,
        )
        for row in distinct
    )
    window = Window(rows[0].windows_start, rows[0].windows_end)
    return StoredWindow(window, sum(ref.rows for ref in refs), refs, rows[0].windows_revision)
