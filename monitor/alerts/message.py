"""What an alert says: the JSON body, its stable id, and one line for people."""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from monitor.alerts.advice import advice
from monitor.model import Delivery, iso
from monitor.sizes import size_words

SCHEMA = "embmon/alert/1"
MOST_SEGMENTS = 50
"""More are counted, not listed: chat services refuse long messages."""

_FROM_BODY = (
    "verdict",
    "p_value",
    "score",
    "threshold",
    "false_alarms",
    "effect",
    "causes",
    "where",
)
"""Keys of an alert's body that are sent. Anything else stays here."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """32 hex digits that name one alert: the sha256 of its sorted labels.

    >>> fingerprint({"space": "dishes", "alertname": "drift"})
    '6710e6a1ab50be374cc1c9f5cf573565'
    """
    text = json.dumps(sorted(labels.items()), separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Notice:
    """One message to be: what is said of one alert, or of several that differ in their segment.

    state: notice for what needs no end; labels: those that the alerts share; repeat: it was said
    before; since, window, and the rest of `body`: of the first; ends_at: when a receiver that hears
    nothing more may take it for over; segments: of each alert that has one; report: its address;
    picture: `file` below the folder of reports, and `url`; after: what was caught up with, where
    the run came late.
    """

    state: Literal["firing", "resolved", "notice"]
    labels: Mapping[str, str]
    summary: str
    at: datetime
    repeat: bool = False
    body: Mapping[str, Any] = field(default_factory=dict)
    segments: Sequence[Mapping[str, Any]] = ()
    report: str | None = None
    picture: Mapping[str, str | None] | None = None
    ends_at: datetime | None = None
    after: Mapping[str, Any] | None = None


def message_id(notice: Notice, sink: str, about: Sequence[object]) -> str:
    """Id of the message that tells `sink` of `notice`; the same each time it is found.

    about: what sets it apart from other messages on the same alerts, such as since when they fire.
    """
    what = [fingerprint(notice.labels), notice.state, notice.repeat, *map(str, about), sink]
    return "msg_" + hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


def payload(notice: Notice, *, texts: bool = False) -> dict[str, Any]:
    """The body of the message about `notice`, ready for JSON.

    Every key is always there, null where nothing is known. `since` is when the incident began.
    Numbers and ids only, of the body just the keys named above; `texts` of rows where asked for.
    """
    body = dict(notice.body)
    if body.get("where") is not None:
        body["where"] = [
            {**one, "texts": one.get("texts", []) if texts else []} for one in body["where"]
        ]
    return {
        "schema": SCHEMA,
        "type": "embmon.alert",
        "fingerprint": fingerprint(notice.labels),
        "state": notice.state,
        "repeat": notice.repeat,
        "severity": notice.labels.get("severity"),
        "summary": notice.summary,
        "next": advice(notice.state, notice.labels),
        "labels": dict(sorted(notice.labels.items())),
        "at": iso(notice.at),
        "since": _plain(body.get("since") or notice.at),
        "ends_at": _plain(notice.ends_at),
        "window": _plain(body.get("window")),
        "report": notice.report,
        "picture": notice.picture,
        **{key: _plain(body.get(key)) for key in _FROM_BODY},
        "size": "; ".join(size_words(body.get("effect") or {}).values()) or None,
        "segments": _plain(notice.segments[:MOST_SEGMENTS]),
        "segments_total": len(notice.segments),
        "caught_up": _plain(notice.after),
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
