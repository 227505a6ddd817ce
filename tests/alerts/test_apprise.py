"""The apprise sink hands over to the library, which speaks to the service."""

from __future__ import annotations

import json

import pytest

from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from tests.alerts.messages import message

SETTINGS = SinkSettings(kind="apprise", url="env:CHAT")


def test_a_message_arrives_by_the_library(receiver, answer, tmp_path):
    """Title, text and link are in what the service gets."""
    server = receiver(answer(200))
    url = f"json://127.0.0.1:{server.port}/"
    make_sink("chat", SETTINGS, tmp_path, {"CHAT": url}).send(message())
    body = json.loads(server.requests[0].body)
    assert body["title"].startswith("[FIRING] search")
    assert body["message"].endswith("https://r.example/dishes/1.html")


def test_a_refusal_is_tried_again(receiver, answer, tmp_path):
    """The library says only that it failed."""
    server = receiver(answer(500))
    made = make_sink("chat", SETTINGS, tmp_path, {"CHAT": f"json://127.0.0.1:{server.port}/"})
    with pytest.raises(DeliveryError) as caught:
        made.send(message())
    assert (caught.value.message, caught.value.permanent) == ("apprise could not deliver it", False)


def test_an_address_that_no_service_has(tmp_path):
    """Named without its content."""
    with pytest.raises(UsageError) as caught:
        make_sink("chat", SETTINGS, tmp_path, {"CHAT": "canary"})
    assert caught.value.message == "the address of sink 'chat' is not one that apprise knows"
