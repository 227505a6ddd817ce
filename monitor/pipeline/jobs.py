"""What cron starts: every monitor in turn, its alerts delivered, its report rendered."""

from __future__ import annotations

import glob
import random
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.alerts.deliver import DeliveryReport, deliver
from monitor.alerts.make import make_sinks
from monitor.config import MonitorSettings, duration
from monitor.errors import Busy, MonitorError, SourceError, Undecided, UsageError
from monitor.pipeline import references
from monitor.pipeline.checking import checked
from monitor.pipeline.ingestion import ingest
from monitor.pipeline.judging import judge, worst
from monitor.pipeline.reporting import report
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.sources import Columns
from monitor.store import Lease, StoredWindow, VerdictRow

LEASE_S = 3600.0
DELIVER_S = 120.0
REFRESH = timedelta(days=7)
"""How often a trailing reference moves on; never while an incident is open."""


def run(
    workspace: Workspace, names: Sequence[str], *, as_of: datetime | None, dry_run: bool
) -> dict[str, Any]:
    """Ingests, checks, alerts and reports; see `Monitor.run`."""
    config = workspace.config
    unknown = sorted(set(names) - set(config.monitors))
    if unknown:
        raise UsageError(
            f"there is no monitor {unknown[0]!r} in the configuration",
            f"known: {', '.join(config.monitors) or 'none'}",
        )
    wanted = list(names) or list(config.monitors)
    at = as_of or workspace.now()
    job = Run("run", workspace)
    if dry_run:
        return job.document({"dry_run": True, "monitors": [{"monitor": name} for name in wanted]})
    with workspace.store.lock("run", owner(), LEASE_S, workspace.now()) as lease:
        turns = [_Turn(workspace, name, config.monitors[name], at, lease) for name in wanted]
        done = [turn.taken() for turn in turns]
        delivered = flush(workspace)
    failed = [one for one in done if one.get("error")]
    words = [one["verdict"] for one in done if one.get("verdict")]
    return job.document(
        {
            "verdict": worst(words) if words else None,
            "monitors": done,
            "deliveries": vars(delivered),
            "exit_code": 1 if failed else 0 if delivered.ok else 4,
        }
    )


def flush(workspace: Workspace) -> DeliveryReport:
    """Sends what waits in the outbox."""
    config = workspace.config
    sinks = make_sinks(config.sinks, config.root)
    if not sinks:
        return DeliveryReport()
    return deliver(
        workspace.store,
        sinks,
        now=workspace.now,
        owner=owner(),
        random=random.Random(),
        deadline_s=DELIVER_S,
    )


@dataclass(frozen=True)
class _Turn:
    """One monitor's part of a run that holds `lease`, of what was due at `at`."""

    workspace: Workspace
    name: str
    settings: MonitorSettings
    at: datetime
    lease: Lease

    def taken(self) -> dict[str, Any]:
        """What came of it; what goes wrong in it stays in it."""
        began = time.monotonic()
        try:
            found = self._work()
        except Busy:
            raise
        except MonitorError as error:
            found = {"error": error.message, "hint": error.hint}
        except Exception as error:  # a fault in one monitor must not stop the others
            where = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(where.filename).name}:{where.lineno}"
            found = {"error": f"unexpected {type(error).__name__} at {place}: {error}"}
        return {"monitor": self.name, **found, "duration_s": round(time.monotonic() - began, 3)}

    def _work(self) -> dict[str, Any]:
        space = self.settings.space
        rows, unread = self._ingest_new()
        words = [window["verdict"] for one in self._judge_new() for window in one["windows"]]
        page = report(self.workspace, space)["report"] if words else None
        return {
            "space": space,
            "rows": rows,
            "unread": unread,
            "windows": len(words),
            "verdict": words[-1] if words else None,
            "drifted": words.count("drift"),
            "report": page,
        }

    def _ingest_new(self) -> tuple[int, list[str]]:
        """Rows of the files that are new or changed; what is wrong with those passed over.

        The files of a pattern are sources of their own, so that only new ones are read and a
        file that is still being written does not hold up the others.
        """
        rows, unread = 0, []
        found = _files(str(self.workspace.config.path(self.settings.source)))
        for source in found:
            try:
                rows += self._ingest(source)["rows"]
            except SourceError as error:
                if len(found) == 1:
                    raise
                unread.append(error.message)
        return rows, unread

    def _ingest(self, source: str) -> dict[str, Any]:
        settings = self.settings
        return ingest(
            self.workspace,
            settings.space,
            source,
            columns_of(settings),
            every=settings.every,
            sample=settings.sample,
        )

    def _judge_new(self) -> list[dict[str, Any]]:
        """Judges every whole window that was not judged as it is now, week by week where a
        trailing reference has to move on in between."""
        found = []
        _ensure_reference(self.workspace, self.settings, self.at)
        while due := self._due():
            by = judge(self.workspace, self.settings.space, monitor=self.name)
            end = by.reference.end
            trailing = by.reference.kind == "trailing" and end is not None
            step = max(REFRESH, duration(self.settings.every))
            now = [w for w in due if not trailing or end is None or w.window.end <= end + step]
            if not now:
                if self._move_on(due[0].window.start):
                    continue
                # The reference is frozen: judge one more week by it, then look again.
                now = due[: max(1, int(REFRESH / duration(self.settings.every)))]
            found.append(checked(by, now, self.lease))
        return found

    def _due(self) -> list[StoredWindow]:
        """Whole windows after the first reference whose content was not judged yet."""
        store, space = self.workspace.store, self.settings.space
        first = store.references(space)[0]
        judged = {row.window: row.detail.get("revision") for row in self._history()}
        return [
            one
            for one in store.windows(space, first.basis_id)
            if one.window.end <= self.at
            and (first.end is None or one.window.start >= first.end)
            and judged.get(one.window) != one.revision
        ]

    def _history(self) -> list[VerdictRow]:
        rows = self.workspace.store.history(self.settings.space)
        return [row for row in rows if row.monitor == self.name]

    def _move_on(self, end: datetime) -> bool:
        """Moves a trailing reference up to `end`, without windows that drifted; False while an
        incident is open, when the reference stays frozen."""
        space = self.settings.space
        rows = self.workspace.store.alert_states(space)
        if any(row.state == "firing" and row.labels.get("monitor") == self.name for row in rows):
            return False
        drifted = {row.window for row in self._history() if row.word == "drift"}
        trailing = self.settings.reference
        with suppress(Undecided):  # no calm window lies that far back
            references.reference(
                self.workspace, space, trailing=trailing, end=end, leave_out=drifted
            )
            return True
        return False


def _files(pattern: str) -> list[str]:
    """The files of a pattern, in order; the pattern itself where it is none, or where folders
    named `key=value` hold columns of the whole."""
    found = sorted(glob.glob(pattern, recursive=True)) if glob.has_magic(pattern) else []
    whole = not found or any("=" in path or Path(path).is_dir() for path in found)
    return [pattern] if whole else found


def columns_of(settings: MonitorSettings) -> Columns:
    """Which columns a monitor reads."""
    return Columns(
        vector=settings.vector,
        id=settings.id,
        at=settings.at,
        entity=settings.entity,
        text=settings.text,
        timezone=settings.timezone,
        keep=settings.columns,
    )


def _ensure_reference(workspace: Workspace, settings: MonitorSettings, at: datetime) -> None:
    """Sets the first reference; sets it again while it is too short to be ready."""
    space, wanted = settings.space, settings.reference
    known = workspace.store.reference(space)
    if known is not None and known.state == "ready":
        return
    if wanted.startswith("version:"):
        references.reference(workspace, space, version=wanted.removeprefix("version:"))
    elif "/" in wanted:
        start, end = (_moment(part) for part in wanted.split("/", 1))
        references.reference(workspace, space, start=start, end=end)
    else:
        first = workspace.store.windows(space, workspace.basis(space).id)[0].window.start
        end = min(first + duration(wanted), at)
        references.reference(workspace, space, trailing=wanted, end=end)


def _moment(text: str) -> datetime:
    """A date or time of the settings; UTC where it names no offset. UsageError where it is none."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{text!r} is not a time", "write FROM/TO as 2026-01-01/2026-03-01"
        ) from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
