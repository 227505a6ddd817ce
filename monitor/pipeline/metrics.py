"""Numbers for machines after each run: a textfile for Prometheus, OTLP, and the heartbeat."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.alerts.addresses import networks
from monitor.alerts.bodies import Content
from monitor.alerts.http import sent, utc_now
from monitor.alerts.post import Target
from monitor.alerts.secrets import referred
from monitor.config import MetricsSettings
from monitor.errors import MissingExtra, MonitorError
from monitor.pipeline.standing import GIVEN_UP_SHOWN
from monitor.pipeline.workspace import Workspace

GAUGES = {
    "embmon_drift_score": "-log10 of the calibrated p of the last window",
    "embmon_drift_threshold": "score from which on a window has drifted",
    "embmon_rows": "rows of the last window",
    "embmon_covered": "share of the last window's rows that an item of the corpus is near",
    "embmon_window_end_timestamp_seconds": "end of the last window that was judged",
    "embmon_firing": "1 while the alert fires, else 0",
    "embmon_last_success_timestamp_seconds": "when the monitor's turn in a run last went well",
    "embmon_outbox_pending": "messages that have neither left nor been given up",
    "embmon_outbox_dead": "messages that were given up within a week",
}
"""Every metric by name, with its help. Names and labels stay as they are."""
_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class Sample:
    """One value of the gauge `name`."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def samples(workspace: Workspace) -> list[Sample]:
    """What the store says now; a number that does not exist has no sample."""
    store = workspace.store
    found = []
    for row in store.latest_verdicts():
        of = {"monitor": row.monitor, "space": row.space}
        found += [
            Sample("embmon_drift_score", row.score, of),
            Sample("embmon_drift_threshold", row.threshold, of),
            Sample("embmon_rows", row.rows, of),
            Sample("embmon_covered", _known(row.detail.get("covered")), of),
            Sample("embmon_window_end_timestamp_seconds", row.window.end.timestamp(), of),
        ]
    found += [
        Sample("embmon_firing", float(row.state == "firing"), dict(row.labels))
        for row in store.alert_states()
        if row.state != "ok"
    ]
    for turn in store.turns():
        of = {"monitor": turn.monitor, "space": turn.space}
        at = turn.succeeded_at.timestamp() if turn.succeeded_at else 0.0
        found.append(Sample("embmon_last_success_timestamp_seconds", at, of))
    found.append(Sample("embmon_outbox_pending", store.pending_count()))
    given_up = store.given_up(workspace.now() - GIVEN_UP_SHOWN)
    found.append(Sample("embmon_outbox_dead", len(given_up)))
    return [one for one in found if math.isfinite(one.value)]


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def publish(workspace: Workspace) -> list[str]:
    """Writes and sends the metrics that the settings ask for; what went wrong, in words.

    A machine that does not take its metrics must not fail a run whose verdicts are stored.
    """
    settings, found = workspace.config.metrics, []
    if settings.textfile or settings.otlp:
        now = samples(workspace)
        if settings.textfile:
            path = str(workspace.config.path(settings.textfile))
            found += _tried("textfile", lambda: write_textfile(now, path))
        if settings.otlp:
            found += _tried("otlp", lambda: send_otlp(now, settings))
    return found


def write_textfile(found: Sequence[Sample], path: str) -> None:
    """The samples in Prometheus' text format, for the node exporter; replaced in one step."""
    from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

    registry = CollectorRegistry()
    for name, text in GAUGES.items():
        mine = [one for one in found if one.name == name]
        labels = sorted({label for one in mine for label in one.labels})
        if mine:
            gauge = Gauge(name, text, labels, registry=registry)
            for one in mine:
                at = gauge.labels(*[one.labels.get(key, "") for key in labels]) if labels else gauge
                at.set(one.value)
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    write_to_textfile(path, registry)


def send_otlp(found: Sequence[Sample], settings: MetricsSettings) -> None:
    """One push of the samples to a collector, by OTLP over HTTP.

    Posted as messages are: the exporter's own client would log the whole address, ask proxies of
    the environment and follow redirects.
    """
    try:
        from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import InMemoryMetricReader
        from opentelemetry.sdk.resources import Resource
    except ImportError:
        raise MissingExtra("opentelemetry", "otlp") from None
    target = _target(settings.otlp or "", settings, "the address of otlp in [metrics]")
    reader = InMemoryMetricReader()
    resource = Resource.create({"service.name": "embmon"})
    provider = MeterProvider([reader], resource, shutdown_on_exit=False)
    meter = provider.get_meter("embmon")
    gauges = {name: meter.create_gauge(name, description=text) for name, text in GAUGES.items()}
    for one in found:
        gauges[one.name].set(one.value, one.labels)
    gathered = reader.get_metrics_data()
    provider.shutdown()
    if gathered:
        content = Content(encode_metrics(gathered).SerializeToString(), "application/x-protobuf")
        sent(target, content, {}, _TIMEOUT_S, utc_now)


def beat(workspace: Workspace, signal: str) -> list[str]:
    """Tells the heartbeat that a run began (`/start`), went well (``) or did not (`/fail`).

    As healthchecks.io and its kin do; about the health of the job, never about drift.
    """
    settings = workspace.config.metrics
    if not settings.heartbeat:
        return []
    what = "the address of heartbeat in [metrics]"

    def ping() -> None:
        target = _target(settings.heartbeat or "", settings, what, signal)
        sent(target, Content(b"", "text/plain"), {}, _TIMEOUT_S, utc_now)

    return _tried("heartbeat", ping)


def _target(url: str, settings: MetricsSettings, what: str, path: str = "") -> Target:
    url = referred(url, what, os.environ) if url.startswith("env:") else url
    allowed = networks(settings.allow_networks, "allow_networks of [metrics]")
    return Target.of(url.rstrip("/") + path, allowed, what)


def _tried(what: str, attempt: Callable[[], Any]) -> list[str]:
    try:
        attempt()
    except MonitorError as error:
        return [f"{what}: {error.message}"]
    except OSError as error:
        return [f"{what}: {error.strerror}"]
    return []
