"""The alert of one monitor while its windows are judged: how it stands, and what flipped."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.alerts.message import delivery_id, fingerprint, payload
from monitor.decide import severity
from monitor.incidents import Standing
from monitor.model import Delivery, Flip, Verdict, iso
from monitor.pipeline.judging import Judge
from monitor.store import AlertRow

ALERT = "embedding_drift"


class AlertBook:
    """Goes through verdicts, oldest window first; nothing is stored or sent from here."""

    def __init__(self, by: Judge, at: datetime) -> None:
        self._by = by
        self._at = at
        self._before = before = self._stored()
        self._standing = Standing()
        self._severity, self._summary = "warning", ""
        if before is not None:
            self._standing = Standing(
                "firing" if before.state == "firing" else "ok",
                before.since,
                before.last_window,
                before.quiet,
            )
            self._severity, self._summary = before.severity, before.summary
        self.flips: list[Flip] = []

    @property
    def firing(self) -> bool:
        """Whether an incident is open."""
        return self._standing.state == "firing"

    def note(self, verdict: Verdict) -> dict[str, Any] | None:
        """Counts a verdict in; returns the incident that its window belongs to, if any."""
        window, was = verdict.window, self._standing
        assert window is not None
        if was.last is not None and window.start <= was.last.start:
            return None
        quiet = self._by.workspace.config.alerts.quiet_windows
        self._standing = was.after(window, verdict.word, quiet)
        if was.state != self._standing.state:
            if self.firing:
                self._severity = severity(verdict)
                self._summary = _summary(self._by.monitor, verdict)
            self.flips.append(self._flip(verdict))
        since = self._standing.since
        return {"since": iso(since)} if self.firing and since is not None else None

    def rows(self) -> list[AlertRow]:
        """The alert as it stands now; none before the first incident."""
        if self._before is None and not self.flips:
            return []
        now, before = self._standing, self._before
        labels = self._labels()
        return [
            AlertRow(
                fingerprint=fingerprint(labels),
                labels=labels,
                state="firing" if self.firing else "resolved",
                since=now.since or self._at,
                last_window=now.last,
                quiet=now.quiet,
                severity=self._severity,
                acked_at=before.acked_at if before and not self.flips else None,
                acked_by=before.acked_by if before and not self.flips else None,
                summary=self._summary,
                last_sent_at=self._at if self.flips or before is None else before.last_sent_at,
            )
        ]

    def deliveries(self) -> list[Delivery]:
        """A message for each flip and each sink of the configuration."""
        config = self._by.workspace.config
        base = config.report.base_url
        link = f"{base.rstrip('/')}/{self._by.space}/" if base else None
        return [
            Delivery(
                id=delivery_id(flip, sink),
                sink=sink,
                payload=payload(flip, report_url=link),
                attempts=0,
                created_at=self._at,
                next_at=self._at,
            )
            for flip in self.flips
            for sink in config.sinks
        ]

    def _stored(self) -> AlertRow | None:
        """The latest alert of this monitor, whatever its severity."""
        rows = self._by.workspace.store.alert_states(self._by.space)
        mine = [row for row in rows if row.labels.get("monitor") == self._by.monitor]
        return max(
            mine, key=lambda row: (row.last_window is not None, row.last_window), default=None
        )

    def _labels(self) -> dict[str, str]:
        return {
            "alertname": ALERT,
            "monitor": self._by.monitor,
            "space": self._by.space,
            "severity": self._severity,
        }

    def _flip(self, verdict: Verdict) -> Flip:
        keys = ("p_value", "score", "threshold", "false_alarms", "effect", "causes")
        return Flip(
            labels=self._labels(),
            before="ok" if self.firing else "firing",
            after="firing" if self.firing else "resolved",
            at=self._at,
            window=verdict.window,
            summary=self._summary if self.firing else f"over: {self._summary}",
            body={
                "since": self._standing.since,
                "verdict": verdict.word,
                **{key: getattr(verdict, key) for key in keys},
            },
        )


def _summary(monitor: str, verdict: Verdict) -> str:
    assert verdict.window is not None
    since = f"{verdict.window.start:%Y-%m-%d %H:%M} UTC"
    return f"{monitor}: embeddings drift since {since}; {verdict.causes[0]}"
