"""A receiver on loopback that answers as told, and a message to send to it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import Delivery

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATA = Path(__file__).parent / "data"


def reply(status: int, *headers: str) -> bytes:
    """A whole answer without a body."""
    lines = [f"HTTP/1.1 {status} Because", "Content-Length: 0", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@dataclass
class Request:
    """One request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers each connection with the next of `answers`, and keeps the requests.

    An answer is the bytes to send, or a function that is given the open socket.
    """

    answers: list[bytes | Callable[[socket.socket], None]]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.over = threading.Event()
        if self.tls is not None:
            self.tls.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hooks/embmon?team=search"

    def close(self) -> None:
        """Stop, and let slow answers end."""
        self.over.set()
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(5)

    def _serve(self) -> None:
        for answer in self.answers:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with contextlib.suppress(OSError), connection:
                self._answer(connection, answer)

    def _answer(
        self, connection: socket.socket, answer: bytes | Callable[[socket.socket], None]
    ) -> None:
        if self.tls is not None:
            connection = self.tls.wrap_socket(connection, server_side=True)
        with connection:
            self.requests.append(_read(connection))
            if isinstance(answer, bytes):
                connection.sendall(answer)
            else:
                answer(connection)


def _read(connection: socket.socket) -> Request:
    with connection.makefile("rb") as stream:
        line = stream.readline().decode().strip()
        headers = {}
        while text := stream.readline().decode().strip():
            name, _, value = text.partition(": ")
            headers[name.lower()] = value
        return Request(line, headers, stream.read(int(headers["content-length"])))


@pytest.fixture
def receiver() -> Iterator[Callable[..., Receiver]]:
    """Start receivers with `receiver(answer, ...)`."""
    started: list[Receiver] = []

    def start(*answers: bytes | Callable[[socket.socket], None], tls: bool = False) -> Receiver:
        context = None
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(DATA / "localhost.pem")
        started.append(Receiver(list(answers), context))
        return started[-1]

    yield start
    for each in started:
        each.close()


@pytest.fixture
def answer() -> Callable[..., bytes]:
    """A whole answer: `answer(429, "Retry-After: 7")`."""
    return reply


@pytest.fixture
def loopback() -> tuple[ipaddress.IPv4Network, ...]:
    """The networks a test receiver is in."""
    return (ipaddress.IPv4Network("127.0.0.0/8"),)


@pytest.fixture
def authority() -> ssl.SSLContext:
    """A context that trusts the test receivers' authority and no other."""
    return ssl.create_default_context(cafile=str(DATA / "authority.pem"))


@pytest.fixture
def delivery() -> Delivery:
    """A message as it stands in the outbox before its first try."""
    payload = {"state": "firing", "summary": "soup doubled", "report": None, "severity": "page"}
    return Delivery("msg_1", "ops", payload, 0, AT, AT)
