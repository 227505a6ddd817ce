"""A message in the shapes that receivers of webhooks know. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.alerts.message import encoded
from monitor.alerts.words import lines
from monitor.model import Delivery


@dataclass(frozen=True)
class Content:
    """The bytes of a request, and what they are."""

    data: bytes
    type: str = "application/json"


def own(delivery: Delivery) -> Content:
    """Our own JSON."""
    return Content(encoded(delivery))


def cloudevents(delivery: Delivery) -> Content:
    """A structured CloudEvent (CloudEvents 1.0, HTTP binding 1.0.2), our own JSON its data."""
    told = delivery.payload
    labels = told["labels"]
    event = {
        "specversion": "1.0",
        "id": delivery.id,
        "source": f"/embmon/{labels['space']}/{labels['monitor']}",
        "type": f"embmon.alert.{told['state']}",
        "subject": told["fingerprint"],
        "time": told["at"],
        "datacontenttype": "application/json",
        "data": {"id": delivery.id, **told},
    }
    return Content(_json(event), "application/cloudevents+json")


def alertmanager_webhook(delivery: Delivery) -> Content:
    """What Alertmanager posts to its own webhook receivers (version 4)."""
    told = delivery.payload
    alert = {**alertmanager_alert(told, told["ends_at"]), "status": status(told)}
    alert |= {"fingerprint": told["fingerprint"]}
    message = {
        "version": "4",
        "groupKey": told["fingerprint"],
        "truncatedAlerts": max(0, told["segments_total"] - len(told["segments"])),
        "status": status(told),
        "receiver": delivery.sink,
        "groupLabels": {"alertname": alert["labels"]["alertname"]},
        "commonLabels": alert["labels"],
        "commonAnnotations": alert["annotations"],
        "externalURL": told["report"] or "",
        "alerts": [alert],
    }
    return Content(_json(message))


def alertmanager_alert(told: Mapping[str, Any], ends_at: str | None) -> dict[str, Any]:
    """An alert as Alertmanager's API v2 takes it: firing until `ends_at`, or over."""
    words = {
        "summary": told["summary"],
        "description": "\n".join(lines(told)),
        "report": told["report"],
        "picture": (told["picture"] or {}).get("url"),
    }
    over = told["state"] == "resolved"
    return {
        "labels": dict(told["labels"]),
        "annotations": {key: text for key, text in words.items() if text},
        "startsAt": told["since"],
        "endsAt": told["at"] if over or ends_at is None else ends_at,
        "generatorURL": told["report"] or "",
    }


def status(told: Mapping[str, Any]) -> str:
    """`firing` or `resolved`, which is all that some receivers know."""
    return "resolved" if told["state"] == "resolved" else "firing"


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode("ascii")


BODIES: dict[str, Callable[[Delivery], Content]] = {
    "json": own,
    "cloudevents": cloudevents,
    "alertmanager": alertmanager_webhook,
}
"""By the name that `format` of a webhook gives."""
