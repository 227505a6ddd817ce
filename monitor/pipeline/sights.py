"""What a window, or a run, says about each alert of a monitor. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.errors import DimensionError, SchemaError
from monitor.incidents import breach, severity
from monitor.model import Verdict, Window
from monitor.store import Reference

DRIFT = "embedding_drift"
ENCODER = "encoder_changed"
DIMENSION = "dimension_changed"
SCHEMA = "schema_changed"
REFERENCE = "reference_changed"
TOO_FEW = "too_few_rows"
NO_DATA = "no_data"
ERROR = "monitor_error"

ANOTHER_ENCODER = 0.99
"""From this AUC on a linear detector tells nearly every row from the reference: traffic that only
changed its topics shares some ground with what was before, another encoder's vectors do not."""

_NONE: Mapping[str, str] = {}
_FROM_VERDICT = ("p_value", "score", "threshold", "false_alarms", "effect", "causes")


@dataclass(frozen=True)
class Sight:
    """What was seen of one alert: `breach` is None where nothing could be decided.

    what, why: what is the matter, and the first reason, in words.
    """

    alert: str
    breach: bool | None
    severity: str = "warning"
    what: str = ""
    why: str = ""
    segment: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


def of_window(
    verdict: Verdict, document: Mapping[str, Any], texts: Mapping[str, str] = _NONE
) -> list[Sight]:
    """What a judged window says of drift, whole and by segment, of the encoder, and of its rows;
    `texts` of its rows, by id, go into the body."""
    decided = breach(verdict.word)
    cause = verdict.causes[0] if verdict.causes else ""
    auc = verdict.effect.get("auc", 0.0)
    numbers = {key: getattr(verdict, key) for key in _FROM_VERDICT}
    body = {"verdict": verdict.word, **numbers, "where": _where(document, texts)}
    another = None if decided is None else decided and auc >= ANOTHER_ENCODER
    unlike = f"nearly every row can be told from the reference (AUC {auc:.2f})"
    few = None if verdict.word == "calibrating" else verdict.word == "insufficient"
    return [
        Sight(DRIFT, decided, severity(verdict), "embeddings drift", cause, body=body),
        Sight(ENCODER, another, "critical", "the encoder seems to be another", unlike, body=body),
        Sight(TOO_FEW, few, "warning", "windows cannot be judged", cause, body=body),
        *[_of_segment(one) for one in document.get("segments", ())],
    ]


def event(error: SchemaError) -> str:
    """The name of what happened to traffic that is not what was asked for."""
    return DIMENSION if isinstance(error, DimensionError) else SCHEMA


def of_changes(errors: Sequence[SchemaError]) -> list[Sight]:
    """Whether vectors came in another dimension, and traffic in other columns or types."""
    return [
        _of_event(DIMENSION, errors, "critical", "vectors have another dimension"),
        _of_event(SCHEMA, errors, "warning", "traffic is not what was asked for"),
    ]


def of_error(error: str | None) -> Sight:
    """Whether the monitor's turn failed, and why."""
    return Sight(ERROR, error is not None, "warning", "the monitor fails", error or "")


def of_silence(newest: datetime | None, due: datetime) -> Sight:
    """Whether no window came that ends at `due` or later."""
    last = f"the last window ended {newest:%Y-%m-%d %H:%M} UTC" if newest else "there is no window"
    return Sight(NO_DATA, newest is None or newest < due, "warning", "no data", last)


def of_reference(log: Sequence[Reference], since: datetime | None) -> Sight:
    """Whether a reference of another kind was set after `since`, when this monitor last judged."""
    before = [one for one in log if since is not None and one.set_at <= since]
    changed = bool(before) and _unlike(before[-1], log[-1])
    why = f"it was set {log[-1].set_at:%Y-%m-%d %H:%M} UTC" if log else ""
    return Sight(REFERENCE, changed, "info", "judged against another reference", why)


def _of_event(name: str, errors: Sequence[SchemaError], severity: str, what: str) -> Sight:
    found = [error.message for error in errors if event(error) == name]
    more = f" (and {len(found) - 1} more files)" if len(found) > 1 else ""
    return Sight(name, bool(found), severity, what, f"{found[0]}{more}" if found else "")


def run_moment(at: datetime) -> Window:
    """A run as a window without length: what is seen of a run, not of traffic, has its time."""
    return Window(at, at)


def _unlike(old: Reference, new: Reference) -> bool:
    """Whether someone set another reference; one that trails moves on by itself, and one that
    was too short to be ready is only completed."""
    if old.state != "ready":
        return False
    if (old.kind, old.basis_id) != (new.kind, new.basis_id):
        return True
    where = (old.start, old.end, old.detail.get("version"))
    return new.kind != "trailing" and where != (new.start, new.end, new.detail.get("version"))


def _of_segment(found: Mapping[str, Any]) -> Sight:
    name, causes = str(found["segment"]), found.get("causes") or [""]
    return Sight(
        DRIFT,
        breach(found["verdict"]),
        str(found.get("severity") or "warning"),
        f"embeddings of {name} drift",
        causes[0],
        segment=name,
        body={key: found.get(key) for key in ("verdict", *_FROM_VERDICT)},
    )


def _where(document: Mapping[str, Any], texts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The clusters that changed most: name, share before and now, ids and texts of some rows."""
    moved = [one for one in document.get("clusters", ()) if one["drifted"]]
    return [
        {
            "label": one["label"],
            "before": one["reference_share"],
            "now": one["current_share"],
            "rows": list(one.get("examples", ())),
            "texts": [texts[row] for row in one.get("examples", ()) if row in texts],
        }
        for one in moved[:3]
    ]
