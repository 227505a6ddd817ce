"""Alertmanager sink: alerts pushed to its API v2, each with the time when it ends by itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.alerts.bodies import alertmanager_alert
from monitor.alerts.http import Clock, JsonPost, target_of, utc_now
from monitor.config import SinkSettings
from monitor.model import Delivery, iso


def alerts(delivery: Delivery, clock: Clock = utc_now) -> list[dict[str, Any]]:
    """The body of POST /api/v2/alerts.

    Without `endsAt` Alertmanager would take an alert for over after five minutes without a push. A
    message that waited in the outbox still has its whole length: it counts from now.
    """
    told = delivery.payload
    ends_at = told["ends_at"]
    if ends_at is not None:
        length = datetime.fromisoformat(ends_at) - datetime.fromisoformat(told["at"])
        ends_at = iso(clock() + length)
    return [alertmanager_alert(told, ends_at)]


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> JsonPost:
    """The Alertmanager sink `name`; `url` is Alertmanager's own, without /api."""
    return JsonPost(
        target_of(name, settings, env, path="/api/v2/alerts"), alerts, settings.timeout_s
    )
