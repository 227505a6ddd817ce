"""Messages into the outbox: what has to be said, to whom, and no more of it than people read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.alerts.message import Notice, message_id, payload
from monitor.alerts.route import takes
from monitor.config import Config, duration
from monitor.model import Delivery, iso
from monitor.pipeline.contents import PICTURE
from monitor.pipeline.groups import Group, groups, still_firing
from monitor.pipeline.shelf import report_folder
from monitor.pipeline.sights import DRIFT
from monitor.pipeline.workspace import Run, Workspace
from monitor.store import AlertRow, RunRow


@dataclass(frozen=True)
class Late:
    """What a run found that came later than planned: `judged` windows, `drifted` of them."""

    monitor: str
    space: str
    last_run_at: datetime
    judged: int
    drifted: int

    @property
    def text(self) -> str:
        """In words."""
        return (
            f"no run since {self.last_run_at:%Y-%m-%d %H:%M} UTC; {self.judged} windows judged"
            f" now, {self.drifted} drifted"
        )

    def to_dict(self) -> dict[str, Any]:
        """As the message says it."""
        return {"since": iso(self.last_run_at), "windows": self.judged, "drifted": self.drifted}


@dataclass
class _Post:
    """The messages of one monitor, and what its alerts' receivers know by them."""

    deliveries: list[Delivery] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)


def notify(
    workspace: Workspace, late: Sequence[Late] = (), pages: Mapping[str, str] | None = None
) -> int:
    """Puts into the outbox what has to be said now; how many messages that are.

    late: monitors that were caught up with; pages: the newest report of each monitor, below the
    folder of reports. Run again, it says nothing twice.
    """
    return _Round(workspace, workspace.now(), late, pages or {}).written()


class _Round:
    """One look at all alerts."""

    def __init__(
        self, workspace: Workspace, at: datetime, late: Sequence[Late], pages: Mapping[str, str]
    ) -> None:
        self.workspace, self.config, self.at = workspace, workspace.config, at
        self.late = {one.monitor: one for one in late}
        self.pages = pages
        self.rows = workspace.store.alert_states()
        self.silences = workspace.store.silences(at)
        self.posts: defaultdict[tuple[str, str], _Post] = defaultdict(_Post)
        self.put = 0

    def written(self) -> int:
        """Stores the messages, each monitor's in a transaction of its own."""
        for group in self._chosen():
            self._say(group)
        for group in still_firing(self.rows, self.silences, self.at):
            self._refresh(group)
        for one in self.late.values():
            labels = {"alertname": "caught_up", "monitor": one.monitor, "space": one.space}
            labels["severity"] = "info"
            text = f"{one.monitor}: {one.text}"
            notice = Notice("notice", labels, text, self.at, after=one.to_dict())
            self._address(notice, [one.last_run_at])
        for (space, monitor), post in sorted(self.posts.items()):
            run = Run("alerts", self.workspace)
            row = RunRow(run.id, "alerts", space, monitor, self.at, self.at, None)
            self.workspace.store.record_messages(row, post.deliveries, post.told)
        return sum(len(post.deliveries) for post in self.posts.values())

    def _refresh(self, group: Group) -> None:
        """Tells sinks that forget what they do not hear again: Alertmanager takes an alert for over
        at its `endsAt`, and repeats, groups and silences by itself."""
        for name, sink in self.config.sinks.items():
            rows = [row for row in group.rows if takes(sink, row.labels)]
            if sink.kind == "alertmanager" and rows:
                self._put(name, self._notice(group, rows, None), ["again", self.at])

    def _chosen(self) -> list[Group]:
        """What is due, at most `max_messages` of it. The rest waits for the next run, and the last
        message says so. What no sink takes has been told to nobody: it is due once one does."""
        settings = self.config.alerts
        repeat = None if settings.repeat_interval == "never" else duration(settings.repeat_interval)
        found = [
            group
            for group in groups(self.rows, self.silences, self.at, repeat)
            if group.saying == "resolved" or self._heard(group)
        ]
        due = [group for group in found if group.saying != "joined"]
        joined = [group for group in found if group.saying == "joined"]
        if len(due) <= settings.max_messages:
            return due + joined
        kept, rest = due[: settings.max_messages - 1], due[settings.max_messages - 1 :]
        first = rest[0].labels
        labels = {"alertname": "many_alerts", "space": first["space"], "monitor": first["monitor"]}
        names = sorted({group.labels["monitor"] for group in rest})
        shown = ", ".join(names[:10]) + (", ..." if len(names) > 10 else "")
        text = f"{len(rest)} more alerts wait for the next runs; embmon status lists them: {shown}"
        self._address(Notice("notice", {**labels, "severity": "info"}, text, self.at), [self.at])
        return kept + joined

    def _heard(self, group: Group) -> bool:
        sinks = self.config.sinks.values()
        return any(takes(sink, row.labels) for row in group.rows for sink in sinks)

    def _say(self, group: Group) -> None:
        monitor = group.labels["monitor"]
        late = self.late.pop(monitor, None) if group.labels["alertname"] == DRIFT else None
        for name, sink in self.config.sinks.items():
            rows = [row for row in group.rows if takes(sink, row.labels)]
            if group.saying == "joined" and takes(sink, group.labels):
                rows = []  # it knows of the incident; the next message lists the segment
            if rows:
                about: list[object] = [value for row in rows for value in _incident(row)]
                about += [row.last_sent_at for row in rows if group.saying == "repeat"]
                self._put(name, self._notice(group, rows, late), about)
        post = self.posts[group.labels["space"], monitor]
        word = "resolved" if group.saying == "resolved" else "firing"
        post.told |= {row.fingerprint: word for row in group.rows}

    def _notice(self, group: Group, rows: Sequence[AlertRow], late: Late | None) -> Notice:
        first, over = rows[0], group.saying == "resolved"
        monitor = group.labels["monitor"]
        segments = [_segment(row) for row in rows if "segment" in row.labels]
        text = f"over: {first.summary}" if over else first.summary
        if len(segments) > 1:
            text += f" (and {len(rows) - 1} more segments)"
        return Notice(
            "resolved" if over else "firing",
            group.labels,
            f"{text} ({late.text})" if late else text,
            self.at,
            repeat=group.saying == "repeat",
            body=first.body,
            segments=segments,
            **links(self.config, self.pages.get(monitor), group.labels["space"]),
            ends_at=self._ends_at(),
            after=late.to_dict() if late else None,
        )

    def _address(self, notice: Notice, about: Sequence[object]) -> None:
        for name, sink in self.config.sinks.items():
            if takes(sink, notice.labels):
                self._put(name, notice, about)

    def _put(self, sink: str, notice: Notice, about: Sequence[object]) -> None:
        post = self.posts[notice.labels["space"], notice.labels["monitor"]]
        id_ = message_id(notice, sink, about)
        body = payload(notice, texts=self.config.sinks[sink].texts)
        # The most urgent one leaves first.
        self.put += 1
        created_at = self.at + self.put * timedelta(microseconds=1)
        post.deliveries.append(Delivery(id_, sink, body, 0, created_at, self.at))

    def _ends_at(self) -> datetime:
        schedule = self.config.schedule
        return self.at + duration(schedule.every) + duration(schedule.grace)


def links(config: Config, page: str | None, space: str) -> dict[str, Any]:
    """`report` and `picture` of a message, whose report is `page` below the folder of reports, if
    a run made one; of the space in general where not."""
    settings, picture = config.report, None
    base = settings.base_url and settings.base_url.rstrip("/")
    if page is not None:
        name = Path(page).with_suffix(PICTURE).as_posix()
        if (report_folder(config) / name).is_file():
            picture = {"file": name, "url": base and f"{base}/{name}"}
    place = page or (f"{space}/" if space else "")
    return {"report": base and f"{base}/{place}", "picture": picture}


def _incident(row: AlertRow) -> tuple[str, datetime]:
    return row.fingerprint, row.since


def _segment(row: AlertRow) -> dict[str, Any]:
    since = row.body.get("since")
    return {"segment": row.labels["segment"], "since": since, "summary": row.summary}
