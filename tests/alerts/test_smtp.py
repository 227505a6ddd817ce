"""The mail sink against a relay on loopback."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
import time
from dataclasses import replace

import pytest

from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from tests.alerts.messages import FINGERPRINT, message

RELAY = {"kind": "smtp", "sender": "embmon@example.com", "to": ("ops@example.com",)}


class Relay:
    """Takes one mail, and answers each verb with the code of `codes`, or with 250."""

    def __init__(self, **codes: int) -> None:
        self.codes, self.heard, self.mail = codes, [], b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def ended(self) -> Relay:
        """This relay, when all was said."""
        self.thread.join(5)
        return self

    def _serve(self) -> None:
        with self.socket:
            connection, _ = self.socket.accept()
        with connection, connection.makefile("rwb") as stream:
            self._say(stream, self.codes.get("greeting", 220))
            for line in stream:
                verb = line[:4].decode().strip().lower()
                self.heard.append(line.decode().strip())
                code = self.codes.get(verb, 354 if verb == "data" else 250)
                self._say(stream, code)
                if code == 354:
                    while (text := stream.readline()) != b".\r\n":
                        self.mail += text
                    self._say(stream, self.codes.get("mail_taken", 250))
                if verb == "quit":
                    return

    def _say(self, stream, code: int) -> None:
        stream.write(f"{code} said\r\n".encode())
        stream.flush()


def sink(port: int, tmp_path, **more):
    """The mail sink to a relay on loopback, without encryption."""
    settings = {**RELAY, "host": "127.0.0.1", "port": port, "security": "none"}
    settings |= {"allow_networks": ("127.0.0.0/8",), **more}
    return make_sink("mail", SinkSettings(**settings), tmp_path, {"PASSWORD": "canary"})


def test_the_mail_is_exact(tmp_path):
    """Subject, receivers, an id that stays, a thread for each alert, and plain text."""
    relay = Relay()
    sink(relay.port, tmp_path, to=("ops@example.com", "b@example.com")).send(message())
    relay.ended()
    assert relay.heard[1].startswith("mail FROM:<embmon@example.com>")
    assert relay.heard[2:4] == ["rcpt TO:<ops@example.com>", "rcpt TO:<b@example.com>"]
    mail = email.message_from_bytes(relay.mail, policy=email.policy.default)
    assert mail["Subject"].strip().startswith("[FIRING] search: embeddings drift")
    assert mail["To"] == "ops@example.com, b@example.com"
    assert mail["Message-ID"] == "<msg_1@embmon>"
    assert mail["References"] == f"<{FINGERPRINT}@embmon>"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content().replace("\r\n", "\n")
    assert "- 12 % of rows are in cluster “<pizza>”" in text
    assert text.endswith("https://r.example/dishes/1.html\n")


def test_the_picture_is_in_the_mail(tmp_path):
    """Below the same words as HTML, in which text of data is only text; plain text stays first."""
    (tmp_path / "dishes").mkdir()
    (tmp_path / "dishes" / "1.png").write_bytes(b"\x89PNG")
    relay = Relay()
    replace(sink(relay.port, tmp_path), pictures=tmp_path).send(message())
    mail = email.message_from_bytes(relay.ended().mail, policy=email.policy.default)
    assert mail.get_body(("plain",)).get_content().startswith("[FIRING] search")
    (page,) = (part for part in mail.walk() if part.get_content_type() == "text/html")
    (image,) = (part for part in mail.walk() if part.get_content_type() == "image/png")
    assert image.get_content() == b"\x89PNG"
    assert f'src="cid:{image["Content-ID"][1:-1]}"' in page.get_content()
    assert "&lt;pizza&gt;" in page.get_content()


def test_a_mail_without_its_picture_is_sent_all_the_same(tmp_path):
    """The file is gone."""
    relay = Relay()
    replace(sink(relay.port, tmp_path), pictures=tmp_path).send(message())
    mail = email.message_from_bytes(relay.ended().mail, policy=email.policy.default)
    assert mail.get_content_type() == "text/plain"


def test_the_end_is_in_the_same_thread(tmp_path):
    """A mail of its own, which refers to the same alert."""
    relay = Relay()
    sink(relay.port, tmp_path).send(message("resolved"))
    mail = email.message_from_bytes(relay.mail, policy=email.policy.default)
    assert mail["Subject"].strip().startswith("[RESOLVED]")
    assert mail["References"] == f"<{FINGERPRINT}@embmon>"


@pytest.mark.parametrize(
    ("codes", "permanent"),
    [
        ({"mail_taken": 451}, False),
        ({"mail_taken": 554}, True),
        ({"rcpt": 450}, False),
        ({"rcpt": 550}, True),
        ({"greeting": 421}, False),
    ],
)
def test_which_answers_are_tried_again(codes, permanent, tmp_path):
    """4xx is, 5xx is not."""
    relay = Relay(**codes)
    with pytest.raises(DeliveryError) as caught:
        sink(relay.port, tmp_path).send(message())
    assert caught.value.permanent is permanent
    assert f"127.0.0.1:{relay.port}" in caught.value.message


def test_a_relay_that_does_not_speak_is_cut_off(tmp_path):
    """The whole delivery has one time limit."""
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(DeliveryError):
        sink(server.getsockname()[1], tmp_path, timeout_s=0.3).send(message())
    assert time.monotonic() - began < 3


def test_encryption_is_never_left_out_in_silence(tmp_path):
    """A relay that knows no STARTTLS gets no mail."""
    relay = Relay()
    with pytest.raises(DeliveryError):
        sink(relay.port, tmp_path, security="starttls").send(message())
    assert relay.mail == b""


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sender": None}, "sink 'mail' names no relay, sender or receiver"),
        ({"to": ("a@b.c\r\nBcc: x@y.z",)}, "an address of sink 'mail' is none"),
        (
            {"secret": "env:PASSWORD"},
            "sink 'mail' would send its password in the clear",
        ),
    ],
)
def test_unusable_settings(settings, said, tmp_path):
    """Each fault has its sentence."""
    with pytest.raises(UsageError) as caught:
        sink(25, tmp_path, **settings)
    assert caught.value.message == said


def test_a_private_relay_has_to_be_allowed(tmp_path):
    """Like every other address."""
    with pytest.raises(DeliveryError, match="not public and not in allow_networks"):
        sink(25, tmp_path, allow_networks=()).send(message())
