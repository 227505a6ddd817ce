"""A message as people read it in a chat or a mail: by our own words, or by the user's template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.alerts.message import printable
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

if TYPE_CHECKING:
    from jinja2 import Template

LONGEST = 3000
"""Signs of a whole message, and of what a template may make: Slack refuses longer sections."""
PICTURE_ALT = "Trend and density of the traffic"
_MOST_SEGMENTS = 10
_STATES = {"firing": "FIRING", "resolved": "RESOLVED", "notice": "NOTE"}


@dataclass(frozen=True)
class Words:
    """title: one line; text: some lines, without the title; link: of the report, picture: of its
    picture, if any."""

    title: str
    text: str
    link: str | None = None
    picture: str | None = None


Speech = Callable[[Delivery], Words]


def words(delivery: Delivery) -> Words:
    """What changed, where, since when, how big, and what to do next."""
    told = delivery.payload
    repeat = " (again)" if told["repeat"] else ""
    title = f"[{_STATES[told['state']]}{repeat}] {printable(str(told['summary']), 300)}"
    return _spoken(title, "\n".join(lines(told))[:LONGEST], told)


def _spoken(title: str, text: str, told: Mapping[str, Any]) -> Words:
    picture = told["picture"] or {}
    return Words(title, text, told["report"], picture.get("url"))


def lines(told: Mapping[str, Any]) -> list[str]:
    """The body of a message as a person reads it, line by line, without its summary."""
    if told["state"] == "notice":
        return [_place(told)]
    if told["state"] == "resolved":
        return [f"{_place(told)}, began {_moment(told['since'])}", *_segments(told)]
    found = [f"{_place(told)}, since {_moment(told['since'])}{_window(told)}"]
    found += [f"- {printable(str(cause))}" for cause in told["causes"] or ()]
    examples = [_example(one) for one in told["where"] or () if one["texts"]]
    found += dict.fromkeys(examples)
    found += _segments(told)
    if told["size"]:
        found.append(f"How big: {told['size']}")
    if told["score"] is not None and told["threshold"] is not None:
        allowed = f" (false alarms allowed: {told['false_alarms']})" if told["false_alarms"] else ""
        found.append(f"Score {told['score']:.3g}, alarm from {told['threshold']:.3g}{allowed}")
    if told["next"]:
        found.append(f"Next: {told['next']}")
    return [*found, f"On it? embmon alerts ack {told['fingerprint'][:8]}"]


def _place(told: Mapping[str, Any]) -> str:
    return f"Monitor {told['labels']['monitor']}, space {told['labels']['space']}"


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC"


def _window(told: Mapping[str, Any]) -> str:
    window = told["window"]
    if window is None or window["start"] == told["since"]:
        return ""
    return f", seen in the window of {_moment(window['start'])}"


def _segments(told: Mapping[str, Any]) -> list[str]:
    shown = told["segments"][:_MOST_SEGMENTS]
    if not shown:
        return []
    names = ", ".join(printable(str(one["segment"]), 60) for one in shown)
    more = told["segments_total"] - len(shown)
    return [f"Segments: {names}" + (f" and {more} more" if more else "")]


def _example(one: Mapping[str, Any]) -> str:
    texts = dict.fromkeys(f"“{printable(str(text), 80)}”" for text in one["texts"])
    return f"- in {printable(str(one['label']), 60)}: {'; '.join(texts)}"


def speech_of(name: str, settings: SinkSettings, root: Path) -> Speech:
    """How sink `name` speaks. UsageError where its template cannot be read or is none."""
    if settings.template is None:
        return words
    path = root / Path(settings.template).expanduser()
    template = _compiled(path, f"the template of sink {name!r}")
    return lambda delivery: _rendered(template, delivery)


def _compiled(path: Path, what: str) -> Template:
    from jinja2 import StrictUndefined, TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{what}: cannot read {path}: {error}") from None
    # Plain text: each sink escapes what it makes of it.
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    try:
        return environment.from_string(text)
    except TemplateSyntaxError as error:
        raise UsageError(f"{what}: {path}:{error.lineno}: {error.message}") from None


def _rendered(template: Template, delivery: Delivery) -> Words:
    """The template's text, of which the first line is the title; it sees the keys of the JSON."""
    found = ""
    try:
        for piece in template.generate(id=delivery.id, **delivery.payload):
            found += piece
            if len(found) > LONGEST:
                break
    except Exception as error:  # whatever a template may do wrong
        raise DeliveryError(f"the template failed: {type(error).__name__}: {error}") from None
    title, _, text = found[:LONGEST].strip().partition("\n")
    return _spoken(printable(title), text.strip(), delivery.payload)
