"""The webhook sink against real servers on loopback."""

from __future__ import annotations

import itertools
import json
import socket
import struct
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from monitor import __version__
from monitor.alerts.http import refusal
from monitor.alerts.make import make_sink
from monitor.alerts.post import Answer, Target
from monitor.alerts.sink import DeliveryError
from monitor.alerts.webhook import Webhook
from monitor.config import SinkSettings
from monitor.errors import UsageError

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def webhook(url, networks, **more):
    """A sink for `url` that may reach `networks`."""
    return Webhook(Target.of(url, networks, "the address"), **{"timeout_s": 5.0, **more})


def failure(sink, delivery):
    """The DeliveryError of sending `delivery`."""
    with pytest.raises(DeliveryError) as caught:
        sink.send(delivery)
    return caught.value


def test_the_request_is_exact_and_its_signature_verifies(receiver, answer, delivery, tmp_path):
    """A signed POST holds these headers, this body, and passes the public verifier."""
    server = receiver(answer(204))
    settings = SinkSettings(
        kind="webhook", url=server.url, secret="env:SECRET", allow_networks=("127.0.0.0/8",)
    )
    make_sink("ops", settings, tmp_path, {"SECRET": SECRET}).send(delivery)
    (request,) = server.requests
    assert request.line == "POST /hooks/embmon?team=search HTTP/1.1"
    assert request.body == (
        b'{"id":"msg_1","state":"firing","summary":"soup doubled","report":null,"severity":"page"}'
    )
    fixed = {
        "host": f"127.0.0.1:{server.port}",
        "accept-encoding": "identity",
        "content-length": "88",
        "content-type": "application/json",
        "user-agent": f"embmon/{__version__}",
        "webhook-id": "msg_1",
    }
    changing = {"webhook-timestamp", "webhook-signature"}
    assert {k: v for k, v in request.headers.items() if k not in changing} == fixed
    assert Verifier(SECRET).verify(request.body, request.headers) == json.loads(request.body)
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(request.body.replace(b"soup", b"fish"), request.headers)


def test_without_a_secret_nothing_is_signed(receiver, answer, delivery, loopback):
    """An unsigned message carries id and time all the same."""
    server = receiver(answer(200))
    webhook(server.url, loopback, clock=lambda: AT).send(delivery)
    (request,) = server.requests
    assert "webhook-signature" not in request.headers
    assert request.headers["webhook-timestamp"] == "1795176000"


def test_credentials_of_the_address_become_basic_authorization(
    receiver, answer, delivery, loopback
):
    """User and password travel in a header, and in no message or repr."""
    server = receiver(answer(401))
    sink = webhook(f"http://me:p%40ss@127.0.0.1:{server.port}/x", loopback)
    assert failure(sink, delivery).message == (
        f"http://127.0.0.1:{server.port} answered 401 Unauthorized"
    )
    assert server.requests[0].headers["authorization"] == "Basic bWU6cEBzcw=="
    assert "p%40ss" not in repr(sink) and "p@ss" not in repr(sink)


def test_a_server_error_is_retried_and_the_next_try_succeeds(receiver, answer, delivery, loopback):
    """500 then 200: the first is not permanent, and both carry one id."""
    server = receiver(answer(500), answer(200))
    sink = webhook(server.url, loopback)
    first = failure(sink, delivery)
    assert first.message == f"http://127.0.0.1:{server.port} answered 500 Internal Server Error"
    assert (first.permanent, first.retry_after_s, first.closed) == (False, None, False)
    sink.send(delivery)
    assert [r.headers["webhook-id"] for r in server.requests] == ["msg_1", "msg_1"]


@pytest.mark.parametrize(
    ("status", "permanent", "words"),
    [
        (302, True, "302 Found: redirects are not followed"),
        (308, True, "308 Permanent Redirect: redirects are not followed"),
        (400, True, "400 Bad Request"),
        (404, True, "404 Not Found"),
        (408, False, "408 Request Timeout"),
        (410, True, "410 Gone: the receiver has disabled this address"),
        (425, False, "425 Too Early"),
        (429, False, "429 Too Many Requests"),
        (499, True, "499"),
        (503, False, "503 Service Unavailable"),
        (599, False, "599"),
    ],
)
def test_each_status_is_permanent_or_not(status, permanent, words):
    """Only 408, 425, 429 and 5xx are worth another try; only 410 closes the sink."""
    error = refusal(Answer(status, {}), "https://example.com", AT)
    assert error.message == f"https://example.com answered {words}"
    assert (error.permanent, error.closed) == (permanent, status == 410)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    """Both forms of RFC 9110 are read; anything else counts as absent."""
    error = refusal(Answer(429, {"Retry-After": header}), "https://example.com", AT)
    assert error.retry_after_s == seconds


def test_retry_after_is_read_from_the_wire(receiver, answer, delivery, loopback):
    """A 429 hands its Retry-After to the caller."""
    server = receiver(answer(429, "retry-after: 7"))
    assert failure(webhook(server.url, loopback), delivery).retry_after_s == 7.0


def test_a_redirect_is_not_followed(receiver, answer, delivery, loopback):
    """The place a 302 names is never asked."""
    other = receiver(answer(200))
    server = receiver(answer(302, f"Location: {other.url}"))
    assert failure(webhook(server.url, loopback), delivery).permanent
    assert other.requests == []


def test_a_proxy_of_the_environment_is_not_used(receiver, answer, delivery, loopback, monkeypatch):
    """http_proxy names a server that is never asked."""
    proxy, server = receiver(answer(200)), receiver(answer(200))
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    webhook(server.url, loopback).send(delivery)
    assert (len(proxy.requests), len(server.requests)) == (0, 1)


def hang(connection: socket.socket) -> None:
    """Say nothing until the other side goes."""
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """A header line that never ends, a byte each fifth of a second."""
    for byte in itertools.cycle(b"x"):
        connection.sendall(bytes([byte]))
        time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    """A good status line, then a header without end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(connection)


@pytest.mark.parametrize("manner", [hang, drip, drip_headers])
def test_a_silent_or_dripping_server_costs_the_time_limit_and_no_more(
    receiver, delivery, loopback, manner
):
    """The limit is for the whole request, not for each read, and the connection is cut."""
    server = receiver(manner)
    began = time.monotonic()
    error = failure(webhook(server.url, loopback, timeout_s=0.5), delivery)
    assert time.monotonic() - began < 2
    assert error.message == f"http://127.0.0.1:{server.port} did not answer within 0.5 s"
    assert not error.permanent
    server.thread.join(5)
    assert not server.thread.is_alive()


def test_a_resolver_that_hangs_costs_the_time_limit(delivery, loopback):
    """Looking up a name knows no time-out of its own."""

    def slow(_host, _port):
        time.sleep(1.0)
        return ["127.0.0.1"]

    sink = webhook("http://hooks.example/", loopback, timeout_s=0.2)
    sink = replace(sink, target=replace(sink.target, resolve=slow))
    began = time.monotonic()
    error = failure(sink, delivery)
    assert time.monotonic() - began < 0.9
    assert error.message == "http://hooks.example did not answer within 0.2 s"


def test_a_reset_is_retried(receiver, delivery, loopback):
    """A connection torn down by the server is no reason to give up."""

    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    server = receiver(reset)
    error = failure(webhook(server.url, loopback), delivery)
    assert error.message == f"http://127.0.0.1:{server.port}: Connection reset by peer"
    assert not error.permanent


def test_an_answer_that_is_not_http_is_retried(receiver, delivery, loopback):
    """A server that speaks something else is named, its words are not repeated."""
    server = receiver(b"SSH-2.0-OpenSSH_9.2 \x1b[31m secret\r\n")
    error = failure(webhook(server.url, loopback), delivery)
    assert error.message == f"http://127.0.0.1:{server.port}: the answer is not HTTP"


def test_nobody_listening_is_retried(receiver, answer, delivery, loopback):
    """A refused connection is no reason to give up."""
    server = receiver(answer(200))
    server.close()
    error = failure(webhook(server.url, loopback), delivery)
    assert error.message == f"http://127.0.0.1:{server.port}: Connection refused"
    assert not error.permanent


def test_an_endless_body_is_not_read(receiver, delivery, loopback):
    """The answer counts as soon as its headers are there."""

    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    server = receiver(endless)
    webhook(server.url, loopback).send(delivery)
    assert len(server.requests) == 1


def test_a_private_address_is_refused_by_default(receiver, answer, delivery):
    """Nothing is sent to loopback unless its network is allowed."""
    server = receiver(answer(200))
    error = failure(webhook(server.url, ()), delivery)
    assert error.message == (
        f"http://127.0.0.1:{server.port} is at 127.0.0.1, which is not public and not in "
        "allow_networks"
    )
    assert not error.permanent
    assert server.requests == []


def test_a_name_of_loopback_is_refused(receiver, answer, delivery):
    """A name is judged by where it leads."""
    server = receiver(answer(200))
    error = failure(webhook(f"https://localhost:{server.port}/", ()), delivery)
    assert error.message.startswith(f"https://localhost:{server.port} is at ")
    assert error.message.endswith(", which is not public and not in allow_networks")
    assert server.requests == []


def test_one_private_address_among_public_ones_is_refused(delivery):
    """Every address of a name is checked, not the first alone."""
    sink = webhook("https://hooks.example/", ())
    both = replace(sink.target, resolve=lambda _host, _port: ["93.184.215.14", "10.0.0.1"])
    error = failure(replace(sink, target=both), delivery)
    assert error.message == (
        "https://hooks.example is at 10.0.0.1, which is not public and not in allow_networks"
    )


def test_a_name_is_resolved_once(receiver, answer, delivery, loopback):
    """The address that was checked is the one that is connected to."""
    server, asked = receiver(answer(200)), []

    def resolve(host, _port):
        asked.append(host)
        return ["127.0.0.1"]

    sink = webhook(f"http://hooks.example:{server.port}/", loopback)
    replace(sink, target=replace(sink.target, resolve=resolve)).send(delivery)
    assert asked == ["hooks.example"]
    assert server.requests[0].headers["host"] == f"hooks.example:{server.port}"


def test_the_next_address_is_tried_where_one_refuses(receiver, answer, delivery, loopback):
    """A name with a dead and a living address is reached."""
    server = receiver(answer(200))
    sink = webhook(f"http://hooks.example:{server.port}/", loopback)
    two = replace(sink.target, resolve=lambda _host, _port: ["127.0.0.2", "127.0.0.1"])
    replace(sink, target=two).send(delivery)
    assert len(server.requests) == 1


def test_plain_http_to_the_public_is_refused(delivery):
    """Only allowed networks may be told without TLS."""
    sink = webhook("http://hooks.example/", ())
    public = replace(sink.target, resolve=lambda _host, _port: ["93.184.215.14"])
    error = failure(replace(sink, target=public), delivery)
    assert error.message == (
        "http://hooks.example is not https, and 93.184.215.14 is not in allow_networks"
    )


def test_a_name_that_does_not_resolve_is_retried(delivery):
    """The resolver's own words are kept."""

    def unknown(_host, _port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    sink = webhook("https://hooks.example/", ())
    error = failure(replace(sink, target=replace(sink.target, resolve=unknown)), delivery)
    assert error.message == (
        "https://hooks.example: the name does not resolve (Name or service not known)"
    )
    assert not error.permanent


def secure(port, loopback, context, host="localhost"):
    """A sink for the TLS receiver, under the name `host`, trusting `context`."""
    sink = webhook(f"https://{host}:{port}/", loopback)
    there = replace(sink.target, tls=context, resolve=lambda _host, _port: ["127.0.0.1"])
    return replace(sink, target=there)


def test_tls_is_to_the_name_at_the_checked_address(receiver, answer, delivery, loopback, authority):
    """SNI and certificate are of the name, though the address is connected to."""
    server = receiver(answer(200), tls=True)
    secure(server.port, loopback, authority).send(delivery)
    assert server.names == ["localhost"]
    assert server.requests[0].headers["host"] == f"localhost:{server.port}"


def test_a_certificate_of_another_name_is_refused(receiver, answer, delivery, loopback, authority):
    """No request is sent to a server that cannot show the name asked for."""
    server = receiver(answer(200), tls=True)
    error = failure(secure(server.port, loopback, authority, "hooks.example"), delivery)
    assert error.message == (
        f"https://hooks.example:{server.port}: its certificate is not valid: Hostname mismatch, "
        "certificate is not valid for 'hooks.example'."
    )
    assert not error.permanent
    assert server.requests == []


def test_an_unknown_authority_is_refused(receiver, answer, delivery, loopback):
    """The system's authorities do not vouch for the test receiver."""
    server = receiver(answer(200), tls=True)
    usual = Target.of("https://hooks.example.com", (), "it").tls  # what every sink is made with
    error = failure(secure(server.port, loopback, usual), delivery)
    assert "its certificate is not valid: " in error.message
    assert server.requests == []


def test_a_handshake_that_hangs_costs_the_time_limit(delivery, loopback, authority):
    """The limit holds while TLS is set up, too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        sink = replace(secure(port, loopback, authority), timeout_s=0.4)
        error = failure(sink, delivery)
    assert time.monotonic() - began < 2
    assert error.message == f"https://localhost:{port} did not answer within 0.4 s"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "the address of sink 'ops' is not an http(s) address"),
        (
            {"url": "ftp://example.com/canary"},
            "the address of sink 'ops' is not an http(s) address",
        ),
        ({"url": "https://[canary/"}, "the address of sink 'ops' is not an http(s) address"),
        (
            {"url": "env:HOOK"},
            "the address of sink 'ops' is env:HOOK, and that variable is not set or empty",
        ),
        (
            {"url": "https://example.com", "secret": "whsec_canary"},
            "the secret of sink 'ops' stands in the configuration itself",
        ),
        (
            {"url": "https://example.com", "secret": "env:SHORT"},
            "the secret of sink 'ops' is not whsec_ and the base64 of 24 to 64 bytes",
        ),
        (
            {"url": "https://example.com", "secret": "env:SHORT", "secret_file": "s"},
            "the secret of sink 'ops' is given twice",
        ),
        (
            {"url": "https://example.com", "allow_networks": ("10.0.0.1/8",)},
            "allow_networks of sink 'ops': 10.0.0.1/8 has host bits set",
        ),
    ],
)
def test_unusable_settings_are_named_without_their_secrets(settings, message, tmp_path):
    """Each fault has its sentence, and no value of a secret is in it."""
    with pytest.raises(UsageError) as caught:
        make_sink(
            "ops", SinkSettings(kind="webhook", **settings), tmp_path, {"SHORT": "whsec_Y2FuYXJ5"}
        )
    assert caught.value.message == message
    assert "canary" not in caught.value.message + caught.value.hint


def test_the_secret_may_come_from_a_file(receiver, answer, delivery, tmp_path: Path):
    """A file of mode 0600 below the root signs as the variable does."""
    server = receiver(answer(200))
    (tmp_path / "hook.secret").write_text(SECRET + "\n")
    (tmp_path / "hook.secret").chmod(0o600)
    settings = SinkSettings(
        kind="webhook",
        url="env:HOOK",
        secret_file="hook.secret",
        allow_networks=("127.0.0.0/8",),
    )
    make_sink("ops", settings, tmp_path, {"HOOK": server.url}).send(delivery)
    (request,) = server.requests
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)
    Verifier(SECRET).verify(request.body, request.headers)


def test_secrets_are_in_no_repr(tmp_path):
    """Neither key, token, password nor path shows in the repr of a sink."""
    settings = SinkSettings(
        kind="webhook", url="https://me:canary@example.com/canary?canary=1", secret="env:SECRET"
    )
    sink = make_sink("ops", settings, tmp_path, {"SECRET": SECRET})
    assert "canary" not in repr(sink)
    assert "MfKQ" not in repr(sink) and repr(sink.key) not in repr(sink)
    assert "https://example.com" in repr(sink)
