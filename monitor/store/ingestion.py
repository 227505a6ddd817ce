"""How a source changes the windows of a space, inside one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from monitor.model import Window
from monitor.store.rows import ChangedWindows, InputRow, Part
from monitor.store.tables import inputs, parts, windows

Frame = tuple[str, str]
"""Space and basis id: only windows of one frame have anything to do with each other."""

_Contents = Mapping[Window, set[str]]


def added(
    connection: sa.Connection,
    frame: Frame,
    source: InputRow,
    new: Sequence[Part],
    now: datetime,
) -> ChangedWindows:
    """Puts the parts `new` of `source` in the place of those its key had before."""
    earlier = _earlier(connection, frame, source.key)
    if source.digest in earlier.values():
        return ChangedWindows()
    touched = {part.window for part in new} | _windows_of(connection, earlier)
    before = _contents(connection, frame, touched)
    _drop(connection, earlier, now)
    others = _contents(connection, frame, touched)
    _insert(connection, frame, source, new, now)
    after = {window: set(others[window]) for window in touched}
    for part in new:
        after[part.window].add(part.content_digest)
    changed = sorted(window for window in touched if before[window] != after[window])
    _raise_revisions(connection, frame, changed, now)
    return ChangedWindows(
        tuple(changed),
        added=sum(len(after[window] - before[window]) for window in changed),
        removed=sum(len(before[window] - after[window]) for window in changed),
        skipped=sum(part.content_digest in others[part.window] for part in new),
    )


def _earlier(connection: sa.Connection, frame: Frame, key: str) -> dict[int, str]:
    """Ids and digests of the inputs that count now for a key: one at most."""
    mine = sa.select(inputs.c.id, inputs.c.digest).where(
        inputs.c.space == frame[0],
        inputs.c.basis_id == frame[1],
        inputs.c.source_key == key,
        inputs.c.replaced_at.is_(None),
    )
    return {row.id: row.digest for row in connection.execute(mine)}


def _windows_of(connection: sa.Connection, input_ids: Collection[int]) -> set[Window]:
    mine = (
        sa.select(windows.c.start, windows.c.end)
        .join(parts, parts.c.window_id == windows.c.id)
        .where(parts.c.input_id.in_(input_ids))
    )
    return {Window(row.start, row.end) for row in connection.execute(mine)}


def _contents(
    connection: sa.Connection, frame: Frame, touched: Collection[Window]
) -> defaultdict[Window, set[str]]:
    """Content digests of the touched windows, and of others between them, in one query."""
    found: defaultdict[Window, set[str]] = defaultdict(set)
    mine = (
        sa.select(windows.c.start, windows.c.end, parts.c.content_digest)
        .join(parts, parts.c.window_id == windows.c.id)
        .where(*_between(frame, touched))
    )
    for row in connection.execute(mine):
        found[Window(row.start, row.end)].add(row.content_digest)
    return found


def _between(frame: Frame, touched: Collection[Window]) -> list[sa.ColumnElement[bool]]:
    """All windows of the frame that start between the first and the last of `touched`."""
    starts = [window.start for window in touched]
    mine = [windows.c.space == frame[0], windows.c.basis_id == frame[1]]
    return [*mine, windows.c.start.between(min(starts), max(starts)) if starts else sa.false()]


def _drop(connection: sa.Connection, input_ids: Collection[int], now: datetime) -> None:
    connection.execute(parts.delete().where(parts.c.input_id.in_(input_ids)))
    old = inputs.update().where(inputs.c.id.in_(input_ids))
    connection.execute(old.values(replaced_at=now))


def _insert(
    connection: sa.Connection,
    frame: Frame,
    source: InputRow,
    new: Sequence[Part],
    now: datetime,
) -> None:
    row = {"source_key": source.key, "digest": source.digest, "rows": source.rows}
    row["stamp"] = source.stamp
    mine = {"space": frame[0], "basis_id": frame[1]}
    statement = inputs.insert().values(**mine, **row, added_at=now).returning(inputs.c.id)
    input_id = connection.execute(statement).scalar_one()
    ids = _window_ids(connection, frame, {part.window for part in new}, now)
    rows = {
        (part.window, part.content_digest): {
            "window_id": ids[part.window],
            "input_id": input_id,
            "content_digest": part.content_digest,
            "rows": part.rows,
            "profile": part.profile,
            "traces": part.traces,
        }
        for part in new
    }
    if rows:
        connection.execute(parts.insert(), list(rows.values()))


def _window_ids(
    connection: sa.Connection, frame: Frame, wanted: Collection[Window], now: datetime
) -> dict[Window, int]:
    """Ids of the wanted windows; those that are new begin with revision 0."""
    mine = sa.select(windows.c.id, windows.c.start, windows.c.end).where(*_between(frame, wanted))
    known = {Window(row.start, row.end): row.id for row in connection.execute(mine)}
    fresh = [
        {
            "space": frame[0],
            "basis_id": frame[1],
            "start": window.start,
            "end": window.end,
            "revision": 0,
            "changed_at": now,
        }
        for window in sorted(wanted)
        if window not in known
    ]
    if not fresh:
        return known
    connection.execute(windows.insert(), fresh)
    return {Window(row.start, row.end): row.id for row in connection.execute(mine)}


def _raise_revisions(
    connection: sa.Connection, frame: Frame, changed: Sequence[Window], now: datetime
) -> None:
    statement = windows.update().where(
        windows.c.space == frame[0],
        windows.c.basis_id == frame[1],
        windows.c.start == sa.bindparam("of_start"),
        windows.c.end == sa.bindparam("of_end"),
    )
    rows = [{"of_start": window.start, "of_end": window.end} for window in changed]
    if rows:
        raised = statement.values(revision=windows.c.revision + 1, changed_at=now)
        connection.execute(raised, rows)
