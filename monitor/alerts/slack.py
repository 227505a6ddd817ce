"""Slack sink: an incoming webhook, with blocks and a button to the report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from monitor.alerts.http import JsonPost, target_of
from monitor.alerts.message import printable
from monitor.alerts.words import PICTURE_ALT, Speech, speech_of
from monitor.config import SinkSettings
from monitor.model import Delivery

_LONGEST_HEADER = 150


def message(delivery: Delivery, speech: Speech) -> dict[str, Any]:
    """The body: a heading, the text, a picture, a button; and the title for notifications.

    Text from data is escaped, so that it can mention nobody and link nowhere.
    """
    said = speech(delivery)
    title, text = _escaped(said.title), _escaped(said.text)
    header = {"type": "plain_text", "text": printable(said.title, _LONGEST_HEADER), "emoji": False}
    blocks: list[dict[str, Any]] = [{"type": "header", "text": header}]
    if text:
        section = {"type": "mrkdwn", "text": text[:3000], "verbatim": True}
        blocks.append({"type": "section", "text": section})
    if said.picture:
        blocks.append({"type": "image", "image_url": said.picture, "alt_text": PICTURE_ALT})
    if said.link:
        label = {"type": "plain_text", "text": "Report"}
        button = {"type": "button", "text": label, "url": said.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": title, "blocks": blocks}


def without_picture(body: dict[str, Any]) -> dict[str, Any] | None:
    """The same body without its picture, which Slack refuses where it cannot fetch it; None where
    there was none."""
    rest = [block for block in body["blocks"] if block["type"] != "image"]
    return None if rest == body["blocks"] else {**body, "blocks": rest}


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> JsonPost:
    """The Slack sink `name`; the whole address is a secret."""
    speech = speech_of(name, settings, root)
    target = target_of(name, settings, env)
    body = partial(message, speech=speech)
    return JsonPost(target, body, settings.timeout_s, simpler=without_picture)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
