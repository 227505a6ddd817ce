"""The examples of docs/alerts.md work."""

from __future__ import annotations

import re
import time
from pathlib import Path

from monitor.alerts.deliver import GIVE_UP_AFTER, LEAST_ATTEMPTS
from monitor.alerts.make import KINDS, Unusable, make_sinks
from monitor.alerts.webhook import signature
from monitor.config import load
from tests.alerts.messages import message

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def block(language):
    """The first code block of the page in `language`."""
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_configuration_makes_a_sink_of_each_kind(tmp_path):
    """The example is valid, and shows every kind there is."""
    (tmp_path / "embmon.toml").write_text(block("toml"))
    (tmp_path / "ops-webhook.secret").write_text(SECRET)
    (tmp_path / "ops-webhook.secret").chmod(0o600)
    config = load(tmp_path / "embmon.toml", {})
    names = ("OPS_WEBHOOK", "SLACK_WEBHOOK", "TEAMS_WORKFLOW")
    env = dict.fromkeys(names, "https://example.com/T0")
    env |= {"PAGERDUTY_KEY": "R0", "SMTP_PASSWORD": "p", "CHAT": "json://chat.example.com"}
    (tmp_path / "alert.j2").write_text(block("jinja"))
    sinks = make_sinks(config.sinks, config.root, env)
    assert {settings.kind for settings in config.sinks.values()} == set(KINDS)
    assert not [sink for sink in sinks.values() if isinstance(sink, Unusable)]
    assert sinks["chat"].body(message())["blocks"][0]["text"]["text"].startswith("FIRING: dishes")


def test_the_verifier_takes_what_the_sink_signs_and_nothing_else():
    """A genuine message passes; a changed, an old and a foreign one do not."""
    scope: dict = {}
    exec(block("python"), scope)
    at, body = str(int(time.time())), b'{"id":"msg_1"}'
    key = b"1\xf2\x90\xf6\xbf\x06)\x8a\xabO\x08\xd4<?\x08,\xf6H\xa3b\xda-\xa4\xb0"
    headers = {"webhook-id": "msg_1", "webhook-timestamp": at}
    headers["webhook-signature"] = "v1,other " + signature(key, "msg_1", at, body)
    genuine = scope["is_genuine"]
    assert genuine(SECRET, headers, body)
    assert not genuine(SECRET, headers, body + b" ")
    assert not genuine(SECRET, {**headers, "webhook-id": "msg_2"}, body)
    assert not genuine(SECRET, {**headers, "webhook-timestamp": "1000000000"}, body)
    assert not genuine("whsec_" + "QUFB" * 8, headers, body)


def test_the_numbers_on_the_page_are_those_of_the_code():
    """Three days and eight tries."""
    assert "three days old and was tried\neight times" in PAGE
    assert (GIVE_UP_AFTER.days, LEAST_ATTEMPTS) == (3, 8)
