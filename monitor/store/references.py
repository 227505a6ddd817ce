"""Bases and references. Both are appended to and never changed; the last one counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.store.kept import Kept, inserted
from monitor.store.rows import Reference, ReferenceKind
from monitor.store.spaces import space_row
from monitor.store.tables import bases, reference_log

_FIELDS = [reference_log.c[name] for name in Reference.__dataclass_fields__]


class References(Kept):
    """The bases and references of a store."""

    def add_basis(self, space: str, basis_id: str, blob: str, now: datetime) -> bool:
        """Makes a basis the current one of its space; False where it is known already."""
        with self.database.write() as connection:
            space_row(connection, space)
            self._require_blobs(blob)
            row = {"space": space, "basis_id": basis_id, "blob": blob, "added_at": now}
            return inserted(connection, bases, row)

    def basis(self, space: str, basis_id: str | None = None) -> tuple[str, str] | None:
        """Id and blob of the current basis of a space, or of the one named; None without one."""
        mine = sa.select(bases.c.basis_id, bases.c.blob).where(bases.c.space == space)
        if basis_id is not None:
            mine = mine.where(bases.c.basis_id == basis_id)
        with self.database.read() as connection:
            space_row(connection, space)
            row = connection.execute(mine.order_by(bases.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else (row.basis_id, row.blob)

    def set_reference(
        self,
        space: str,
        kind: ReferenceKind,
        start: datetime | None,
        end: datetime | None,
        basis_id: str,
        calibration: str | None,
        state: str,
        detail: Mapping[str, Any],
        now: datetime,
    ) -> Reference:
        """Appends what windows are judged against from now on; `calibration` is a blob.

        Raises UsageError where the space or the basis is unknown.
        """
        new = Reference(space, kind, start, end, basis_id, calibration, state, detail, now)
        with self.database.write() as connection:
            space_row(connection, space)
            require_basis(connection, space, basis_id)
            self._require_blobs(calibration)
            connection.execute(reference_log.insert().values(**vars(new)))
        return new

    def reference(self, space: str) -> Reference | None:
        """The reference that counts now; None where none was ever set."""
        return next(iter(self.references(space)[-1:]), None)

    def references(self, space: str) -> list[Reference]:
        """All references a space ever had, oldest first."""
        mine = sa.select(*_FIELDS).where(reference_log.c.space == space)
        with self.database.read() as connection:
            space_row(connection, space)
            rows = connection.execute(mine.order_by(reference_log.c.id))
            return [Reference(**row._mapping) for row in rows]


def require_basis(connection: sa.Connection, space: str, basis_id: str) -> None:
    """Raises UsageError where `space` has no basis of this id."""
    mine = sa.select(bases.c.id).where(bases.c.space == space, bases.c.basis_id == basis_id)
    if connection.execute(mine).first() is None:
        raise UsageError(
            f"space {space!r} has no basis {basis_id}", f"set one with: embmon reference {space}"
        )
