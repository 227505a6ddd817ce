"""One monitor's part of a run: ingest what is new, judge it, say how it went."""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from monitor.config import MonitorSettings, duration
from monitor.errors import Busy, MonitorError, SchemaError
from monitor.pipeline import sights
from monitor.pipeline.arrivals import ingested
from monitor.pipeline.backlog import judged
from monitor.pipeline.checking import opened_book
from monitor.pipeline.notices import Late
from monitor.pipeline.reporting import report
from monitor.pipeline.workspace import Workspace
from monitor.store import Lease, RunRow, TurnRow


@dataclass
class Turn:
    """The turn of monitor `name` in a run that holds `lease`, for what was due at `at`.

    before: how its last turn went. After `take`, result is its part of the answer, row what is
    kept of it, page its report below the folder of reports, changed what is wrong with files that
    are not what was asked for, and late what it caught up with.
    """

    workspace: Workspace
    name: str
    at: datetime
    run_id: str
    lease: Lease
    before: TurnRow | None
    result: dict[str, Any] = field(default_factory=dict)
    page: str | None = None
    changed: list[SchemaError] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began_at = self.workspace.now()

    @property
    def settings(self) -> MonitorSettings:
        """The settings of the monitor."""
        return self.workspace.config.monitors[self.name]

    def take(self) -> None:
        """Does the work; what goes wrong in it stays in it."""
        self.workspace.store.begin_turn(self.row)
        began, since = time.monotonic(), self._last_decided()
        failure: Exception | None = None
        try:
            found = self._work(since)
        except Busy:
            raise
        except MonitorError as error:
            failure, found = error, {"error": error.message, "hint": error.hint}
        except Exception as error:  # a fault in one monitor must not stop the others
            failure, found = error, {"error": _unexpected(error)}
        took = round(time.monotonic() - began, 3)
        self.result = {"monitor": self.name, "space": self.settings.space, **found}
        self.result["duration_s"] = took
        self._note(self._seen(failure, since), "")
        self.workspace.store.end_turn(self.name)

    def tell_cut_off(self) -> None:
        """Notes that the last runs ended in this turn: the next one may, before it can say so."""
        assert self.before is not None
        if self.before.cut_off > 1:
            self._note([sights.of_error(self.before.trouble)], "-before")

    @property
    def row(self) -> TurnRow:
        """What is kept of the turn."""
        return TurnRow(
            self.name,
            self.settings.space,
            self.run_id,
            self.began_at,
            self.workspace.now(),
            str(self.result.get("error", "")),
        )

    @property
    def late(self) -> Late | None:
        """What was caught up with, where the turn before was longer ago than planned."""
        schedule = self.workspace.config.schedule
        planned = duration(schedule.every) + duration(schedule.grace)
        if self.before is None or self.began_at - self.before.finished_at <= planned:
            return None
        windows, drifted = self.result.get("windows", 0), self.result.get("drifted", 0)
        if not windows:  # nothing was missed: the clock was put right, or there is no data
            return None
        return Late(self.name, self.settings.space, self.before.finished_at, windows, drifted)

    def _work(self, since: datetime | None) -> dict[str, Any]:
        space = self.settings.space
        arrived = ingested(self.workspace, self.settings)
        self.changed = arrived.changed
        if arrived.failure is not None and self._newest() is None:
            raise arrived.failure
        documents = judged(self.workspace, self.name, self.at, self.lease)
        words = [window["verdict"] for one in documents for window in one["windows"]]
        page = report(self.workspace, space)["report"] if words or self._cut_off(since) else None
        if page:
            self.page = f"{space}/{PurePath(page).name}"
        no = arrived.failure
        return {
            **({"error": no.message, "hint": no.hint} if no else {}),
            "rows": arrived.rows,
            "warnings": arrived.warnings,
            "unread": arrived.unread,
            "events": [{"event": sights.event(e), "message": e.message} for e in arrived.changed],
            "windows": len(words),
            "verdict": words[-1] if words else None,
            "drifted": words.count("drift"),
            "report": page,
        }

    def _cut_off(self, decided: datetime | None) -> bool:
        """Whether windows were judged since the last turn that came to its end: the report on them
        may be missing."""
        before = self.before
        if before is None or before.cut_off:
            return decided is not None
        return decided is not None and decided > before.finished_at

    def _note(self, seen: list[sights.Sight], which: str) -> None:
        """Keeps what the turn itself says about the alerts of the monitor."""
        store, space = self.workspace.store, self.settings.space
        if not self._known:
            return  # Nothing ever came: the run's own code and words say so.
        book = opened_book(self.workspace, self.name, space)
        book.note(sights.run_moment(self.at), seen)
        if book.rows():
            now = self.workspace.now()
            run = RunRow(
                f"{self.run_id}-{self.name}{which}", "turn", space, self.name, now, now, None
            )
            store.record_check(run, flips=book.flips, states=book.rows(), lease=self.lease)

    def _seen(self, failure: Exception | None, since: datetime | None) -> list[sights.Sight]:
        if failure is not None and not isinstance(failure, SchemaError):
            return [sights.of_error(str(self.result["error"]))]
        if not self._known:
            return []
        newest = self._newest()
        patience = duration(self.settings.every) + duration(self.workspace.config.schedule.grace)
        return [
            sights.of_error(None),
            *sights.of_changes(self.changed),
            sights.of_silence(newest, self.at - patience),
            sights.of_reference(self.workspace.store.references(self.settings.space), since),
        ]

    def _newest(self) -> datetime | None:
        """When the last window of the space ends; None where it has none."""
        store, space = self.workspace.store, self.settings.space
        basis = store.basis(space) if self._known else None
        windows = store.windows(space, basis[0], last=1) if basis else []
        return windows[-1].window.end if windows else None

    @property
    def _known(self) -> bool:
        """Whether the space exists: rows came once."""
        return self.settings.space in {row.name for row in self.workspace.store.spaces()}

    def _last_decided(self) -> datetime | None:
        rows = self.workspace.store.latest_verdicts()
        return next((row.decided_at for row in rows if row.monitor == self.name), None)


def _unexpected(error: Exception) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(where.filename).name}:{where.lineno}"
    return f"unexpected {type(error).__name__} at {place}: {error}"
