"""Teams sink: an adaptive card to a workflow ("When a Teams webhook request is received")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from monitor.alerts.http import JsonPost, target_of
from monitor.alerts.words import PICTURE_ALT, Speech, speech_of
from monitor.config import SinkSettings
from monitor.model import Delivery

_COLOURS = {"critical": "Attention", "warning": "Warning"}


def message(delivery: Delivery, speech: Speech) -> dict[str, Any]:
    """The body: one adaptive card with a heading, the text, a picture and a button."""
    said, told = speech(delivery), delivery.payload
    colour = "Good" if told["state"] == "resolved" else _COLOURS.get(str(told["severity"]))
    heading = {**_block(said.title), "weight": "Bolder", "size": "Medium"}
    body = [{**heading, "color": colour or "Default"}]
    body += [_block(line) for line in said.text.splitlines() if line]
    if said.picture:
        body.append(
            {"type": "Image", "url": said.picture, "altText": PICTURE_ALT, "size": "Stretch"}
        )
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if said.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Report", "url": said.link}]
    kind = "application/vnd.microsoft.card.adaptive"
    return {
        "type": "message",
        "attachments": [{"contentType": kind, "contentUrl": None, "content": card}],
    }


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> JsonPost:
    """The Teams sink `name`; the whole address is a secret."""
    speech = speech_of(name, settings, root)
    target = target_of(name, settings, env)
    return JsonPost(target, partial(message, speech=speech), settings.timeout_s)


def _block(line: str) -> dict[str, Any]:
    """A block of text; what Markdown would take for links or emphasis is escaped."""
    text = re.sub(r"([\\\[\]()*_`<>])", r"\\\1", line)
    return {"type": "TextBlock", "text": text, "wrap": True}
