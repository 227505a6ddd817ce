"""Sinks that post JSON: the exact request, what is tried again, what is given up, and the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError, Sink
from monitor.alerts.words import PICTURE_ALT
from monitor.config import SinkSettings
from monitor.errors import UsageError
from tests.alerts.messages import AT, FINGERPRINT, LABELS, message

SUMMARY = "search: embeddings drift <!channel> [x](https://evil.example)"
LINK = "https://r.example/dishes/1.html"
PICTURE = "https://r.example/dishes/1.png"
NEXT = message().payload["next"]
TEXT = (
    "Monitor search, space dishes, since 2026-11-20 10:00 UTC",
    "- 12 % of rows are in cluster “<pizza>”",
    "How big: 12.5% of rows moved to other topics",
    "Score 5.5, alarm from 3",
    f"Next: {NEXT}",
    f"On it? embmon alerts ack {FINGERPRINT[:8]}",
)
KINDS = ("alertmanager", "pagerduty", "slack", "teams")


def sink(kind: str, url: str, root: Path, **more: Any) -> Sink:
    """A sink of this kind that posts to `url`."""
    allowed = ("127.0.0.0/8",)
    secret = "env:KEY" if kind == "pagerduty" else None
    settings = SinkSettings(kind=kind, url=url, secret=secret, allow_networks=allowed, **more)
    return make_sink("ops", settings, root, {"KEY": "R0canary"})


def posted(kind: str, receiver, answer, root: Path, delivery, **more: Any) -> tuple[str, Any]:
    """The request line and the JSON that a sink posts."""
    server = receiver(answer(202))
    sink(kind, f"http://127.0.0.1:{server.port}/hook", root, **more).send(delivery)
    (request,) = server.requests
    assert request.headers["content-type"] == "application/json"
    return request.line, json.loads(request.body)


def test_slack(receiver, answer, tmp_path):
    """A heading, escaped text, a button; nobody can be mentioned by a cluster's name."""
    line, body = posted("slack", receiver, answer, tmp_path, message())
    assert line == "POST /hook HTTP/1.1"
    escaped = "\n".join(TEXT).replace("<pizza>", "&lt;pizza&gt;")
    header = {"type": "plain_text", "text": f"[FIRING] {SUMMARY}", "emoji": False}
    button = {"type": "button", "text": {"type": "plain_text", "text": "Report"}, "url": LINK}
    assert body == {
        "text": f"[FIRING] {SUMMARY}".replace("<!channel>", "&lt;!channel&gt;"),
        "blocks": [
            {"type": "header", "text": header},
            {"type": "section", "text": {"type": "mrkdwn", "text": escaped, "verbatim": True}},
            {"type": "image", "image_url": PICTURE, "alt_text": PICTURE_ALT},
            {"type": "actions", "elements": [button]},
        ],
    }
    end = message("resolved", report=None, picture=None)
    _, over = posted("slack", receiver, answer, tmp_path, end)
    assert over["text"].startswith("[RESOLVED] search")
    assert len(over["blocks"]) == 2


def test_slack_that_cannot_fetch_the_picture_gets_the_message_without(receiver, answer, tmp_path):
    """It answers 400 then; a body that is refused without a picture is refused for good."""
    server = receiver(answer(400), answer(200), answer(400), answer(400))
    chat = sink("slack", server.url, tmp_path)
    chat.send(message())
    first, second = (json.loads(request.body)["blocks"] for request in server.requests)
    assert [block for block in first if block["type"] != "image"] == second
    assert len(first) == len(second) + 1
    with pytest.raises(DeliveryError):
        chat.send(message(picture=None))
    assert len(server.requests) == 3


def test_teams(receiver, answer, tmp_path):
    """An adaptive card with escaped Markdown; its colour says what it is."""
    _, body = posted("teams", receiver, answer, tmp_path, message())
    (attachment,) = body["attachments"]
    assert body["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert card["body"][0]["text"] == (
        r"\[FIRING\] search: embeddings drift \<!channel\> \[x\]\(https://evil.example\)"
    )
    assert card["body"][0]["color"] == "Attention"
    assert [block["text"] for block in card["body"][1:3]] == [TEXT[0], TEXT[1].replace(
        "<pizza>", r"\<pizza\>")]  # fmt: skip
    assert card["body"][-1]["url"] == PICTURE
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Report", "url": LINK}]
    _, over = posted("teams", receiver, answer, tmp_path, message("resolved"))
    assert over["attachments"][0]["content"]["body"][0]["color"] == "Good"


def test_pagerduty(receiver, answer, tmp_path):
    """A trigger by the alert's own key, and a resolve by the same key."""
    _, body = posted("pagerduty", receiver, answer, tmp_path, message())
    details = body["payload"].pop("custom_details")
    assert details["score"] == 5.5 and details["next"] == NEXT
    assert body == {
        "routing_key": "R0canary",
        "dedup_key": FINGERPRINT,
        "client": "embmon",
        "event_action": "trigger",
        "images": [{"src": PICTURE, "alt": PICTURE_ALT}],
        "links": [{"href": LINK, "text": "Report"}],
        "payload": {
            "summary": SUMMARY,
            "source": "search",
            "severity": "critical",
            "timestamp": "2026-11-20T12:00:00Z",
            "component": "dishes",
            "class": "embedding_drift",
        },
    }
    _, over = posted("pagerduty", receiver, answer, tmp_path, message("resolved"))
    assert over == {
        "routing_key": "R0canary",
        "dedup_key": FINGERPRINT,
        "client": "embmon",
        "event_action": "resolve",
    }


def test_a_notice_wakes_nobody(receiver, tmp_path):
    """PagerDuty is not asked at all; there is nothing that would end such an incident."""
    server = receiver()
    sink("pagerduty", f"http://127.0.0.1:{server.port}", tmp_path).send(message("notice"))
    assert server.requests == []


def test_alertmanager(receiver, answer, tmp_path):
    """The labels, when it began, and when it ends unless it is pushed again."""
    line, (body,) = posted("alertmanager", receiver, answer, tmp_path, message())
    assert line == "POST /hook/api/v2/alerts HTTP/1.1"
    ends_at = body.pop("endsAt")
    assert ends_at > AT.isoformat()
    assert body == {
        "labels": LABELS,
        "annotations": {
            "summary": SUMMARY,
            "description": "\n".join(TEXT),
            "report": LINK,
            "picture": PICTURE,
        },
        "startsAt": "2026-11-20T10:00:00Z",
        "generatorURL": LINK,
    }
    _, (over,) = posted("alertmanager", receiver, answer, tmp_path, message("resolved"))
    assert over["endsAt"] == "2026-11-20T12:00:00Z"


def test_webhook_as_a_cloudevent(receiver, answer, tmp_path):
    """Structured mode: the attributes of CloudEvents 1.0 around our own JSON."""
    server = receiver(answer(200))
    sink("webhook", server.url, tmp_path, format="cloudevents").send(message())
    (request,) = server.requests
    assert request.headers["content-type"] == "application/cloudevents+json"
    event = json.loads(request.body)
    data = event.pop("data")
    assert data == {"id": "msg_1", **message().payload}
    assert event == {
        "specversion": "1.0",
        "id": "msg_1",
        "source": "/embmon/dishes/search",
        "type": "embmon.alert.firing",
        "subject": FINGERPRINT,
        "time": "2026-11-20T12:00:00Z",
        "datacontenttype": "application/json",
    }


def test_webhook_as_alertmanager_posts_it(receiver, answer, tmp_path):
    """Version 4 of Alertmanager's webhook, for receivers that exist already."""
    server = receiver(answer(200))
    sink("webhook", server.url, tmp_path, format="alertmanager").send(message("resolved"))
    body = json.loads(server.requests[0].body)
    assert (body["version"], body["status"], body["receiver"]) == ("4", "resolved", "ops")
    (alert,) = body["alerts"]
    assert (alert["status"], alert["fingerprint"]) == ("resolved", FINGERPRINT)
    assert alert["labels"] == body["commonLabels"] == LABELS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("status", "header", "permanent", "wait"),
    [
        (503, "X-A: b", False, None),
        (429, "Retry-After: 7", False, 7.0),
        (400, "X-A: b", True, None),
    ],
)
def test_which_answers_are_tried_again(
    kind, status, header, permanent, wait, receiver, answer, tmp_path
):
    """503 and 429 are, 400 is not; the error names the host and no secret."""
    server = receiver(answer(status, header))
    with pytest.raises(DeliveryError) as caught:
        sink(kind, f"http://127.0.0.1:{server.port}/canary", tmp_path).send(message(picture=None))
    assert (caught.value.permanent, caught.value.retry_after_s) == (permanent, wait)
    assert caught.value.message.startswith(f"http://127.0.0.1:{server.port} answered {status}")
    assert "canary" not in caught.value.message


@pytest.mark.parametrize("kind", KINDS)
def test_private_addresses_are_refused_unless_allowed(kind, tmp_path):
    """The guard of webhooks is that of every sink."""
    settings = SinkSettings(kind=kind, url="https://169.254.169.254", secret="env:KEY")
    with pytest.raises(DeliveryError, match="not public and not in allow_networks"):
        make_sink("ops", settings, tmp_path, {"KEY": "k"}).send(message())


def test_pagerduty_needs_its_key(tmp_path):
    """The hint says how to give it."""
    with pytest.raises(UsageError) as caught:
        make_sink("ops", SinkSettings(kind="pagerduty"), tmp_path, {})
    assert caught.value.message == "sink 'ops' has no integration key"
    assert caught.value.hint == 'write secret = "env:PAGERDUTY_KEY"'
