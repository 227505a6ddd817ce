"""Spaces, their contracts, and the marks on their time line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.model import checked_name
from monitor.store.columns import plain
from monitor.store.kept import Kept, inserted, nearest
from monitor.store.rows import Mark, SpaceRow
from monitor.store.tables import marks, spaces


class Spaces(Kept):
    """The spaces of a store."""

    def ensure_space(
        self, name: str, contract: Mapping[str, Any], dim: int, now: datetime
    ) -> SpaceRow:
        """The space `name`, made with this contract and dimension if there is none.

        Keys whose value is None are not declared. What the stored contract leaves open may be
        declared later. Raises UsageError naming both sides where dimension or contract disagree.
        """
        declared = {key: value for key, value in plain(contract).items() if value is not None}
        row = {"name": checked_name(name, "space"), "dim": dim, "contract": declared}
        with self.database.write() as connection:
            inserted(connection, spaces, {**row, "created_at": now})
            known = space_row(connection, name)
            _agree(known, declared, dim)
            if declared.keys() - known.contract.keys():
                whole = {**known.contract, **declared}
                change = spaces.update().where(spaces.c.name == name).values(contract=whole)
                connection.execute(change)
            return space_row(connection, name)

    def space(self, name: str) -> SpaceRow:
        """The space `name`. Raises UsageError with the nearest known name as its hint."""
        with self.database.read() as connection:
            return space_row(connection, name)

    def spaces(self) -> list[SpaceRow]:
        """All spaces by name."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(spaces).order_by(spaces.c.name))
            return [SpaceRow(**row._mapping) for row in rows]

    def add_mark(self, space: str, text: str, at: datetime, now: datetime) -> bool:
        """Keeps a mark; False where the very mark is there already."""
        with self.database.write() as connection:
            space_row(connection, space)
            row = {"space": space, "text": text, "at": at, "added_at": now}
            return inserted(connection, marks, row)

    def marks(self, space: str) -> list[Mark]:
        """The marks of a space in the order of their times."""
        mine = sa.select(marks).where(marks.c.space == space).order_by(marks.c.at, marks.c.id)
        with self.database.read() as connection:
            space_row(connection, space)
            return [Mark(row.space, row.text, row.at) for row in connection.execute(mine)]


def space_row(connection: sa.Connection, name: str) -> SpaceRow:
    """The space `name`. Raises UsageError with the nearest known name as its hint."""
    row = connection.execute(sa.select(spaces).where(spaces.c.name == name)).one_or_none()
    if row is None:
        known = connection.scalars(sa.select(spaces.c.name)).all()
        raise UsageError(f"there is no space {name!r}", nearest(name, known, "space"))
    return SpaceRow(**row._mapping)


def _agree(known: SpaceRow, declared: Mapping[str, Any], dim: int) -> None:
    if known.dim != dim:
        raise UsageError(
            f"space {known.name!r} has dimension {known.dim}, and {dim} was given",
            "vectors of another dimension need a space of their own",
        )
    for key in sorted(declared.keys() & known.contract.keys()):
        if known.contract[key] != declared[key]:
            raise UsageError(
                f"space {known.name!r} was declared with {key} {known.contract[key]!r}, "
                f"and {declared[key]!r} was given",
                "vectors of another kind need a space of their own",
            )
