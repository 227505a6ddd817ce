"""Every way a delivery can fail: what `status` says of it, and whether it is tried again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from monitor.alerts.message import fingerprint
from monitor.config import Config, SinkSettings
from monitor.pipeline import Monitor
from monitor.store import AlertRow, RunRow

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LOOPBACK = ("127.0.0.0/8",)


class Answer(BaseHTTPRequestHandler):
    """Answers with the status that the path names; 000 is silence for a second."""

    def do_POST(self) -> None:
        """Reads the body, and answers."""
        self.rfile.read(int(self.headers["content-length"]))
        status = int(self.path[1:])
        if not status:
            self.server.over.wait(1.0)  # type: ignore[attr-defined]
            return
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server that answers as the path says."""
    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.over = threading.Event()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.over.set()  # type: ignore[attr-defined]
    server.shutdown()
    thread.join()
    server.server_close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def settings(name: str, port: int) -> SinkSettings:
    """The sink of that kind of failure."""
    hook = {"kind": "webhook", "allow_networks": LOOPBACK, "timeout_s": 0.5}
    given: dict[str, dict[str, Any]] = {
        "nobody listens": {**hook, "url": f"http://127.0.0.1:{closed_port()}/"},
        "no TLS": {**hook, "url": f"https://127.0.0.1:{port}/"},
        "refused address": {"kind": "webhook", "url": f"https://127.0.0.1:{port}/"},
        "no variable": {"kind": "webhook", "url": "env:EMBMON_TEST_NOT_SET"},
        "command fails": {"kind": "command", "argv": ("false",)},
        "no such command": {"kind": "command", "argv": ("/nowhere/notify",)},
        "command hangs": {"kind": "command", "argv": ("sleep", "60"), "timeout_s": 0.2},
        "no place": {"kind": "jsonl", "path": "/proc/embmon/alerts.jsonl"},
        "no relay": {
            "kind": "smtp", "host": "127.0.0.1", "port": closed_port(), "security": "none",
            "sender": "a@b.example", "to": ("c@d.example",), "allow_networks": LOOPBACK,
        },
    }  # fmt: skip
    return SinkSettings(**given.get(name, {**hook, "url": f"http://127.0.0.1:{port}/{name}"}))


def monitored(folder: Path, sink: SinkSettings) -> Monitor:
    """A monitor with one firing alert and that sink."""
    monitor = Monitor(Config(root=folder, sinks={"ops": sink}), now=lambda: NOW)
    labels = {"alertname": "embedding_drift", "monitor": "m", "space": "s", "severity": "warning"}
    row = AlertRow(
        fingerprint(labels), labels, "firing", NOW, None, 0, "warning", None, None, "m", None
    )
    monitor.workspace.store.ensure_space("s", {}, 4, NOW)
    run = RunRow("r", "check", "s", "m", NOW, NOW, None)
    monitor.workspace.store.record_check(run, states={row.fingerprint: row})
    return monitor


TRIED_AGAIN = {
    "408": "answered 408",
    "425": "answered 425",
    "429": "answered 429",
    "500": "answered 500",
    "503": "answered 503",
    "000": "did not answer within 0.5 s",
    "nobody listens": "refused",
    "no TLS": "127.0.0.1",
    "refused address": "127.0.0.1",
    "no variable": "EMBMON_TEST_NOT_SET",
    "command fails": "1",
    "no such command": "/nowhere/notify",
    "command hangs": "0.2",
    "no place": "alerts.jsonl",
    "no relay": "127.0.0.1",
}


@pytest.mark.parametrize(("name", "word"), TRIED_AGAIN.items())
def test_a_failure_that_may_pass_is_shown_and_tried_again(
    tmp_path: Path, port: int, name: str, word: str
) -> None:
    """The message stays with its error, its tries and the time of the next; code 4."""
    monitor = monitored(tmp_path, settings(name, port))
    assert monitor.alerts_flush()["exit_code"] == 4
    outbox = monitor.status()["outbox"]
    (failing,) = outbox["failing"]
    assert word in failing["error"]
    assert (outbox["pending"], outbox["dead"], failing["attempts"]) == (1, [], 1)
    soon = NOW + timedelta(seconds=30)
    assert soon <= datetime.fromisoformat(failing["next_at"]) <= NOW + timedelta(seconds=60)


@pytest.mark.parametrize("name", ["301", "400", "401", "403", "404", "410", "413", "422"])
def test_a_failure_for_good_is_shown_and_given_up(tmp_path: Path, port: int, name: str) -> None:
    """The message is dead, with its error, and is not tried again."""
    monitor = monitored(tmp_path, settings(name, port))
    assert monitor.alerts_flush()["exit_code"] == 4
    outbox = monitor.status()["outbox"]
    (dead,) = outbox["dead"]
    assert (dead["sink"], outbox["pending"]) == ("ops", 0)
    assert name in dead["error"]
    assert monitor.alerts_flush()["sent"] == 0


def test_what_was_given_up_is_sent_once_its_sink_is_mended(tmp_path: Path, port: int) -> None:
    """By `flush --again`, under the same id; after a week nobody is told of it any more."""
    broken = monitored(tmp_path, settings("404", port))
    broken.alerts_flush()
    (dead,) = broken.status()["outbox"]["dead"]
    later = Monitor(broken.workspace.config, now=lambda: NOW + timedelta(days=8))
    assert later.status()["outbox"]["dead"] == []
    sinks = {"ops": settings("200", port)}
    mended = Monitor(Config(root=tmp_path, sinks=sinks), now=lambda: NOW + timedelta(days=6))
    assert mended.alerts_flush(again=True)["sent"] >= 1
    assert mended.status()["outbox"]["dead"] == []
    (sent,) = (one for one in mended.workspace.store.deliveries("sent") if one.id == dead["id"])
    assert sent.attempts == 1
