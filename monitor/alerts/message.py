"""What an alert says: the JSON body, its stable id, and one line for people."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.model import Delivery, Flip, iso

SCHEMA = "embmon/alert/1"

_FROM_BODY = (
    "verdict",
    "p_value",
    "score",
    "threshold",
    "false_alarms",
    "effect",
    "causes",
    "segments",
)
"""Keys of a flip's body that are sent. Anything else, example texts above all, stays here."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """32 hex digits that name one alert: the sha256 of its sorted labels.

    >>> fingerprint({"space": "dishes", "alertname": "drift"})
    '6710e6a1ab50be374cc1c9f5cf573565'
    """
    text = json.dumps(sorted(labels.items()), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def delivery_id(flip: Flip, sink: str) -> str:
    """Id of the message that tells `sink` of `flip`; the same each time the flip is found.

    Made of the labels, the new state and the window (the time, where there is no window), so
    that a run that is repeated for a window finds its message in the outbox.
    """
    when = [iso(flip.at)] if flip.window is None else list(flip.window.to_dict().values())
    text = json.dumps([fingerprint(flip.labels), flip.after, *when, sink])
    return "msg_" + hashlib.sha256(text.encode()).hexdigest()[:32]


def payload(flip: Flip, *, report_url: str | None) -> dict[str, Any]:
    """The body of the message about `flip`, ready for JSON.

    Every key is always there, null where nothing is known. `since` is when the incident began.
    Numbers and ids only: of the flip's body just the keys named above are sent.
    """
    body = flip.body
    return {
        "schema": SCHEMA,
        "type": "embmon.alert",
        "fingerprint": fingerprint(flip.labels),
        "state": flip.after,
        "before": flip.before,
        "severity": flip.labels.get("severity"),
        "summary": flip.summary,
        "labels": dict(sorted(flip.labels.items())),
        "at": iso(flip.at),
        "since": _plain(body.get("since", iso(flip.at))),
        "window": None if flip.window is None else flip.window.to_dict(),
        "report": report_url,
        **{key: _plain(body.get(key)) for key in _FROM_BODY},
    }


def encoded(delivery: Delivery) -> bytes:
    """`delivery` as one line of JSON in ASCII: its payload after its id.

    Raises ValueError where the payload holds NaN or infinity, which JSON cannot say.
    """
    body = {"id": delivery.id, **delivery.payload}
    return json.dumps(body, allow_nan=False, separators=(",", ":")).encode("ascii")


def line(delivery: Delivery) -> str:
    """`delivery` in one line for a person, without control or direction characters."""
    told = delivery.payload
    parts = [f"[{told.get('state', '?')}]", told.get("summary") or delivery.id]
    if told.get("report"):
        parts.append(told["report"])
    return " ".join(printable(str(part)) for part in parts)


def printable(text: str, limit: int = 500) -> str:
    """`text` on one line, cut to `limit`, without what could steer a terminal.

    >>> printable("red \\x1b[31m\\n alert")
    'red [31m alert'
    """
    kept = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    short = " ".join(kept.split())
    return short if len(short) <= limit else short[: limit - 1] + "…"


def _plain(value: Any) -> Any:
    """`value` as JSON types: mappings and sequences unfolded, NaN and infinity as null."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return iso(value)
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
