"""A message as people read it in a chat or a mail: by our own words, or by the user's template."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
_MOST_SEGMENTS = 10
_STATES = {"firing": "FIRING", "resolved": "RESOLVED", "notice": "NOTE"}


@dataclass(frozen=True)
class Words:
    """title: one line; text: some lines, without the title; link: of the report, if any."""

    title: str
    text: str
    link: str | None


Speech = Callable[[Delivery], Words]


def words(delivery: Delivery) -> Words:
    """What changed, where, since when, how big, and what to do next."""
    told = delivery.payload
    repeat = " (again)" if told["repeat"] else ""
    title = f"[{_STATES[told['state']]}{repeat}] {printable(str(told['summary']), 300)}"
    return Words(title, "\n".join(_lines(told))[:LONGEST], told["report"])


def _lines(told: Mapping[str, Any]) -> list[str]:
    labels = told["labels"]
    lines = [f"Monitor {labels['monitor']}, space {labels['space']}, since {told['since']}"]
    if told["state"] != "firing":
        return lines
    lines += [f"- {printable(str(cause))}" for cause in told["causes"] or ()]
    lines += [_example(one) for one in told["where"] or () if one["texts"]]
    if told["effect"]:
        sizes = ", ".join(f"{k} {v:.3g}" for k, v in told["effect"].items() if v is not None)
        lines.append(f"Size: {sizes}")
    if told["score"] is not None and told["threshold"] is not None:
        lines.append(f"Score {told['score']:.3g}, alarm level {told['threshold']:.3g}")
    shown = told["segments"][:_MOST_SEGMENTS]
    if shown:
        names = ", ".join(printable(str(one["segment"]), 60) for one in shown)
        more = told["segments_total"] - len(shown)
        lines.append(f"Segments: {names}" + (f" and {more} more" if more else ""))
    return [*lines, f"Next: {told['next']}"] if told["next"] else lines


def _example(one: Mapping[str, Any]) -> str:
    texts = "; ".join(f"“{printable(str(text), 80)}”" for text in one["texts"])
    return f"- in {printable(str(one['label']), 60)}: {texts}"


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
    return Words(printable(title), text.strip(), delivery.payload["report"])
