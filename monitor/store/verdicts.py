"""Verdicts: one that counts for each window and configuration, and the trail of those before."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from monitor.model import Window
from monitor.store.columns import plain
from monitor.store.kept import Kept, within
from monitor.store.rows import RunRow, VerdictRow
from monitor.store.spaces import space_row
from monitor.store.tables import superseded_verdicts, verdicts

_Key = tuple[str, str, Window, str]


class Verdicts(Kept):
    """The verdicts of a store."""

    def history(
        self,
        space: str,
        limit: int | None = None,
        *,
        monitor: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> list[VerdictRow]:
        """The verdicts on a space's windows by start; of the last `limit` windows if given.

        One for each monitor and window: where a window was judged under several configurations,
        the verdict of the latest run. start, end: only on windows that lie wholly between them.
        """
        mine = sa.select(verdicts).where(verdicts.c.space == space, ~decided_later(verdicts))
        if monitor is not None:
            mine = mine.where(verdicts.c.monitor == monitor)
        mine = mine.where(*within(verdicts, start, end))
        backwards = (verdicts.c.start.desc(), verdicts.c.end.desc(), verdicts.c.monitor.desc())
        with self.database.read() as connection:
            space_row(connection, space)
            rows = connection.execute(mine.order_by(*backwards).limit(limit)).all()
        return [_verdict(row) for row in reversed(rows)]

    def judged(self, space: str) -> int:
        """How many verdicts `history` has."""
        mine = sa.select(sa.func.count()).where(verdicts.c.space == space, ~decided_later(verdicts))
        with self.database.read() as connection:
            return int(connection.execute(mine).scalar_one())

    def latest_verdicts(self) -> list[VerdictRow]:
        """The verdict on the last window of each monitor of each space, by space and monitor."""
        by = (verdicts.c.space, verdicts.c.monitor)
        last = sa.select(*by, sa.func.max(verdicts.c.start).label("start")).group_by(*by).subquery()
        mine = (
            sa.select(verdicts)
            .join(
                last,
                sa.and_(
                    *(verdicts.c[name] == last.c[name] for name in ("space", "monitor", "start"))
                ),
            )
            .where(~decided_later(verdicts))
            .order_by(*by, verdicts.c.end)
        )
        with self.database.read() as connection:
            rows = [_verdict(row) for row in connection.execute(mine)]
        return list({(row.space, row.monitor): row for row in rows}.values())

    def superseded(self, space: str, monitor: str, window: Window) -> list[VerdictRow]:
        """Earlier verdicts on one window, oldest first, each with the run that replaced it."""
        old = superseded_verdicts.c
        mine = sa.select(superseded_verdicts).where(
            old.space == space,
            old.monitor == monitor,
            old.start == window.start,
            old.end == window.end,
        )
        with self.database.read() as connection:
            return [_verdict(row) for row in connection.execute(mine.order_by(old.id))]


def decided_later(row: sa.FromClause) -> sa.Exists:
    """Whether another configuration decided about the same window and monitor after this row."""
    other = verdicts.alias()
    same = [other.c[name] == row.c[name] for name in ("space", "monitor", "start", "end")]
    later = sa.tuple_(other.c.decided_at, other.c.id) > sa.tuple_(row.c.decided_at, row.c.id)
    return sa.select(other.c.id).where(*same, later).exists()


def keep_verdicts(connection: sa.Connection, run: RunRow, new: Sequence[VerdictRow]) -> None:
    """Makes each of `new` the one that counts for its key.

    A verdict equal to the one stored leaves its revision alone; another one moves that to the
    trail.
    """
    stored = _stored(connection, new)
    fresh, renewed, outdated = {}, [], []
    for row in new:
        key, values = _key(row), _values(row)
        old = stored.get(key)
        if old is not None and _same(old, values):
            renewed.append({"of_id": old.id, "run": run.id, "at": run.finished_at})
            continue
        revision = 1 if old is None else old.revision + 1
        values |= {"run_id": run.id, "revision": revision, "decided_at": run.finished_at}
        fresh[key] = values
        if old is not None:
            outdated.append(old)
    _supersede(connection, outdated, run.id)
    if fresh:
        connection.execute(verdicts.insert(), list(fresh.values()))
    if renewed:
        by_id = verdicts.update().where(verdicts.c.id == sa.bindparam("of_id"))
        values = {"run_id": sa.bindparam("run"), "decided_at": sa.bindparam("at")}
        connection.execute(by_id.values(values), renewed)


def _stored(connection: sa.Connection, new: Sequence[VerdictRow]) -> dict[_Key, sa.Row[Any]]:
    """The rows that may have a key of `new`, in one query."""
    if not new:
        return {}
    starts = [row.window.start for row in new]
    mine = sa.select(verdicts).where(
        verdicts.c.space.in_({row.space for row in new}),
        verdicts.c.monitor.in_({row.monitor for row in new}),
        verdicts.c.start.between(min(starts), max(starts)),
    )
    return {
        (row.space, row.monitor, Window(row.start, row.end), row.config_digest): row
        for row in connection.execute(mine)
    }


def _supersede(connection: sa.Connection, outdated: Sequence[sa.Row[Any]], run_id: str) -> None:
    if not outdated:
        return
    trail = [{**row._mapping, "superseded_by": run_id} for row in outdated]
    for row in trail:
        row.pop("id")
    connection.execute(superseded_verdicts.insert(), trail)
    gone = verdicts.delete().where(verdicts.c.id == sa.bindparam("of_id"))
    connection.execute(gone, [{"of_id": row.id} for row in outdated])


def _key(row: VerdictRow) -> _Key:
    return row.space, row.monitor, row.window, row.config_digest


def _values(row: VerdictRow) -> dict[str, Any]:
    return {
        "space": row.space,
        "monitor": row.monitor,
        "start": row.window.start,
        "end": row.window.end,
        "config_digest": row.config_digest,
        "word": row.word,
        "p_value": row.p_value,
        "score": row.score,
        "threshold": row.threshold,
        "rows": row.rows,
        "content": row.content,
        "detail": plain(row.detail),
    }


def _same(old: sa.Row[Any], values: Mapping[str, Any]) -> bool:
    kept = old._mapping
    numbers = ("p_value", "score", "threshold")
    others = ("word", "rows", "content", "detail")
    alike = all(_same_number(kept[name], values[name]) for name in numbers)
    return alike and all(kept[name] == values[name] for name in others)


def _same_number(one: float, other: float) -> bool:
    """Whether both are the same, or both say that there is no number."""
    return one == other or (math.isnan(one) and math.isnan(other))


def _verdict(row: sa.Row[Any]) -> VerdictRow:
    values = dict(row._mapping)
    values.pop("id")
    return VerdictRow(window=Window(values.pop("start"), values.pop("end")), **values)
