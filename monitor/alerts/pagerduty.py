"""PagerDuty sink: Events API v2, one incident for each alert, resolved when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from monitor.alerts.http import JsonPost, secret_of, target_of
from monitor.alerts.words import PICTURE_ALT
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

_URL = "https://events.pagerduty.com/v2/enqueue"
_LONGEST_SUMMARY = 1024
_DETAILS = (
    "since",
    "causes",
    "size",
    "next",
    "score",
    "threshold",
    "false_alarms",
    "window",
    "where",
)


def event(delivery: Delivery, routing_key: str) -> dict[str, Any] | None:
    """The body of an event; None for a notice, for which nobody should be woken."""
    told = delivery.payload
    if told["state"] == "notice":
        return None
    about = {"routing_key": routing_key, "dedup_key": told["fingerprint"], "client": "embmon"}
    if told["state"] == "resolved":
        return {**about, "event_action": "resolve"}
    labels = told["labels"]
    details = {key: told[key] for key in _DETAILS if told[key] is not None}
    if told["segments"]:
        details["segments"] = [one["segment"] for one in told["segments"]]
    found = {
        **about,
        "event_action": "trigger",
        "payload": {
            "summary": told["summary"][:_LONGEST_SUMMARY],
            "source": labels["monitor"],
            "severity": told["severity"],
            "timestamp": told["at"],
            "component": labels["space"],
            "class": labels["alertname"],
            "custom_details": details,
        },
    }
    picture = (told["picture"] or {}).get("url") or ""
    if picture.startswith("https:"):  # PagerDuty shows no others
        found["images"] = [{"src": picture, "alt": PICTURE_ALT}]
    if told["report"]:
        found["links"] = [{"href": told["report"], "text": "Report"}]
    return found


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> JsonPost:
    """The PagerDuty sink `name`, or UsageError where it has no integration key."""
    key = secret_of(name, settings, root, env)
    if key is None:
        raise UsageError(
            f"sink {name!r} has no integration key", 'write secret = "env:PAGERDUTY_KEY"'
        )
    target = target_of(name, settings, env, default=_URL)
    return JsonPost(target, partial(event, routing_key=key), settings.timeout_s)
