"""Versions of spaces: immutable, one blob each."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from monitor.errors import UsageError
from monitor.model import Version, checked_name
from monitor.store.kept import Kept, inserted, nearest
from monitor.store.spaces import space_row
from monitor.store.tables import versions

_FIELDS = [versions.c[name] for name in Version.__dataclass_fields__]


class Versions(Kept):
    """The versions of a store."""

    def add_version(self, version: Version, blob: str, now: datetime) -> bool:
        """Keeps a version whose rows are in `blob`; False where the same is there already.

        Raises UsageError where its label stands for other content, or its space is unknown.
        """
        row = {name: getattr(version, name) for name in Version.__dataclass_fields__}
        checked_name(version.label, "version")
        with self.database.write() as connection:
            space_row(connection, version.space)
            self._require_blobs(blob)
            if inserted(connection, versions, {**row, "blob": blob, "stored_at": now}):
                return True
            known = _version_row(connection, version.space, version.label)
        if known.digest == version.digest:
            return False
        raise UsageError(
            f"version {version.space}@{version.label} is stored with digest {known.digest}, "
            f"and {version.digest} was given: versions are immutable",
            "choose another label",
        )

    def versions(self, space: str) -> list[Version]:
        """The versions of a space, oldest first."""
        mine = sa.select(*_FIELDS).where(versions.c.space == space)
        with self.database.read() as connection:
            space_row(connection, space)
            rows = connection.execute(mine.order_by(versions.c.created_at, versions.c.label))
            return [Version(**row._mapping) for row in rows]

    def version(self, space: str, label: str) -> Version:
        """One version. Raises UsageError with the nearest known label as its hint."""
        with self.database.read() as connection:
            row = _version_row(connection, space, label)
        return Version(**{name: row._mapping[name] for name in Version.__dataclass_fields__})

    def version_blob(self, space: str, label: str) -> str:
        """Digest of the blob that holds the rows of a version. Raises UsageError."""
        with self.database.read() as connection:
            return str(_version_row(connection, space, label).blob)


def _version_row(connection: sa.Connection, space: str, label: str) -> sa.Row[tuple[object, ...]]:
    mine = sa.select(versions).where(versions.c.space == space)
    row = connection.execute(mine.where(versions.c.label == label)).one_or_none()
    if row is None:
        space_row(connection, space)
        labels = sa.select(versions.c.label).where(versions.c.space == space)
        known = connection.scalars(labels).all()
        raise UsageError(f"there is no version {space}@{label}", nearest(label, known, "version"))
    return row
