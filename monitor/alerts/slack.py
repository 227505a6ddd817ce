"""Slack sink: an incoming webhook, with blocks and a button to the report."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from monitor.alerts.http import JsonPost, target_of
from monitor.alerts.words import Speech, speech_of
from monitor.config import SinkSettings
from monitor.model import Delivery

_LONGEST_HEADER = 150


def message(delivery: Delivery, speech: Speech) -> dict[str, Any]:
    """The body: a heading, the text, a button; and all of it as plain text for notifications.

    Text from data is escaped, so that it can mention nobody and link nowhere.
    """
    said = speech(delivery)
    title, text = _escaped(said.title), _escaped(said.text)
    header = {"type": "plain_text", "text": said.title[:_LONGEST_HEADER], "emoji": False}
    blocks: list[dict[str, Any]] = [{"type": "header", "text": header}]
    if text:
        section = {"type": "mrkdwn", "text": text[:3000], "verbatim": True}
        blocks.append({"type": "section", "text": section})
    if said.link:
        label = {"type": "plain_text", "text": "Report"}
        button = {"type": "button", "text": label, "url": said.link}
        blocks.append({"type": "actions", "elements": [button]})
    return {"text": title, "blocks": blocks}


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> JsonPost:
    """The Slack sink `name`; the whole address is a secret."""
    speech = speech_of(name, settings, root)
    target = target_of(name, settings, env)
    return JsonPost(target, partial(message, speech=speech), settings.timeout_s)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
