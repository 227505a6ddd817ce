"""The windows of a monitor that wait for a verdict, judged in order."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config import MonitorSettings, duration, moment
from monitor.errors import Undecided, UsageError
from monitor.pipeline import references
from monitor.pipeline.checking import checked
from monitor.pipeline.judging import judge
from monitor.pipeline.sights import DRIFT, ENCODER
from monitor.pipeline.workspace import Workspace
from monitor.replays import REFRESH
from monitor.store import AlertRow, Lease, StoredWindow


def judged(workspace: Workspace, name: str, at: datetime, lease: Lease) -> list[dict[str, Any]]:
    """Judges every whole window of monitor `name` that was not judged as it is now, week by week
    where a trailing reference has to move on in between."""
    return _Backlog(workspace, name, workspace.config.monitors[name], at, lease).judged()


@dataclass(frozen=True)
class _Backlog:
    workspace: Workspace
    name: str
    settings: MonitorSettings
    at: datetime
    lease: Lease

    def judged(self) -> list[dict[str, Any]]:
        """Judges what is due, oldest first."""
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
        excludes = self.workspace.calendar(self.settings.space).excludes
        waiting = store.unjudged(space, first.basis_id, self.name, first.end, self.at)
        return [one for one in waiting if not excludes(one.window)]

    def _move_on(self, end: datetime) -> bool:
        """Moves a trailing reference up to `end`, without windows that drifted; False while an
        incident is open, when the reference stays frozen."""
        space = self.settings.space
        rows = self.workspace.store.alert_states(space)
        if any(_is_drift(row, self.name) for row in rows):
            return False
        trailing = self.settings.reference
        known = self.workspace.store.history(
            space, monitor=self.name, start=end - duration(trailing), end=end
        )
        drifted = {row.window for row in known if row.word == "drift"}
        with suppress(Undecided):  # no calm window lies that far back
            references.reference(
                self.workspace, space, trailing=trailing, end=end, leave_out=drifted
            )
            return True
        return False


def _is_drift(row: AlertRow, monitor: str) -> bool:
    labels = row.labels["alertname"], row.labels["monitor"]
    return row.state == "firing" and labels in ((DRIFT, monitor), (ENCODER, monitor))


def _ensure_reference(workspace: Workspace, settings: MonitorSettings, at: datetime) -> None:
    """Sets the first reference; sets it again while it is too short to be ready."""
    space, wanted = settings.space, settings.reference
    known = workspace.store.reference(space)
    if known is not None and known.state == "ready":
        return
    named = wanted_reference(wanted)
    if "trailing" in named:
        (oldest,) = workspace.store.windows(space, workspace.basis(space).id, first=1)
        named["end"] = min(oldest.window.start + duration(wanted), at)
    references.reference(workspace, space, **named)


def wanted_reference(text: str) -> dict[str, Any]:
    """`reference` of a monitor as what `references.reference` takes. UsageError where it is none of
    a trailing length, `version:LABEL` and `FROM/TO`."""
    if text.startswith("version:"):
        return {"version": text.removeprefix("version:")}
    if "/" in text:
        hint = "write FROM/TO as 2026-01-01/2026-03-01"
        start, end = (moment(part, hint) for part in text.split("/", 1))
        return {"start": start, "end": end}
    try:
        duration(text)
    except UsageError:
        raise UsageError(
            f"{text!r} is no reference",
            "write a length such as 8w, version:LABEL, or FROM/TO as 2026-01-01/2026-03-01",
        ) from None
    return {"trailing": text}
