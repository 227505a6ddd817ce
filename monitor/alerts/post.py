"""One HTTP POST to a checked address, within one deadline."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from urllib3 import exceptions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Url, make_headers, parse_url

from monitor.alerts.addresses import Address, Network, is_allowed, is_public
from monitor.alerts.sink import DeliveryError
from monitor.errors import UsageError

Resolver = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses the system knows for `host`, best first, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Target:
    """Where to post: a checked http(s) address. Its repr shows the host alone."""

    url: Url
    allowed: tuple[Network, ...] = ()
    resolve: Resolver = resolved
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    @classmethod
    def of(cls, text: str, allowed: tuple[Network, ...], what: str) -> Target:
        """`text` as a target, or UsageError; the message never holds more than its scheme."""
        try:
            url = parse_url(text.strip())
        except exceptions.LocationParseError:
            url = Url()
        if url.scheme not in ("http", "https") or not url.host:
            raise UsageError(f"{what} is not an http(s) address", "write https://host/path")
        return cls(url, allowed)

    def __repr__(self) -> str:
        return f"Target({self.where})"

    @property
    def where(self) -> str:
        """Scheme, host and port: what may be shown."""
        return f"{self.url.scheme}://{self._authority}"

    @property
    def host(self) -> str:
        """The name, or the literal address without brackets."""
        return (self.url.host or "").strip("[]")

    @property
    def port(self) -> int:
        """The port, by default that of the scheme."""
        return self.url.port or (443 if self.url.scheme == "https" else 80)

    def headers(self) -> dict[str, str]:
        """Host, and the basic credentials of the address where it has some."""
        if not self.url.auth:
            return {"Host": self._authority}
        credentials = make_headers(basic_auth=urllib.parse.unquote(self.url.auth))
        return {"Host": self._authority, **credentials}

    def checked_addresses(self) -> list[Address]:
        """The addresses of the host, resolved once, or DeliveryError if one may not be reached."""
        try:
            found = self.resolve(self.host, self.port)
        except (OSError, UnicodeError) as error:
            raise DeliveryError(
                f"{self.where}: the name does not resolve ({_reason(error)})"
            ) from None
        addresses = [ipaddress.ip_address(text) for text in found]
        for address in addresses:
            self._check(address)
        return addresses

    def _check(self, address: Address) -> None:
        if is_allowed(address, self.allowed):
            return
        if not is_public(address):
            raise DeliveryError(
                f"{self.where} is at {address}, which is not public and not in allow_networks"
            )
        if self.url.scheme == "http":
            raise DeliveryError(
                f"{self.where} is not https, and {address} is not in allow_networks"
            )

    @property
    def _authority(self) -> str:
        return f"{self.url.host}:{self.url.port}" if self.url.port else f"{self.url.host}"


@dataclass(frozen=True)
class Answer:
    """What a server said. Its body is never read: it could be endless, and is not ours."""

    status: int
    headers: Mapping[str, str]


def post(target: Target, body: bytes, headers: Mapping[str, str], timeout_s: float) -> Answer:
    """The answer to one POST; DeliveryError where there is none within `timeout_s` in all.

    No proxies, no redirects, no retries; TLS is verified against the name in the address.
    """
    return _Post(target, body, {**headers, **target.headers()}, timeout_s).outcome()


class _Post:
    """One request in a thread of its own.

    Time-outs of sockets are per read, and resolving knows none: a server that sends a byte a
    second would hold the caller for ever. So the caller waits and then cuts the connection.
    """

    def __init__(
        self, target: Target, body: bytes, headers: dict[str, str], timeout_s: float
    ) -> None:
        self.target, self.body, self.headers = target, body, headers
        self.timeout_s, self.ends = timeout_s, time.monotonic() + timeout_s
        self.connection: HTTPConnection | None = None
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def outcome(self) -> Answer:
        """The answer, or DeliveryError."""
        thread = threading.Thread(target=self._work, name="embmon-post", daemon=True)
        thread.start()
        thread.join(self.timeout_s)
        if self.answer is not None:
            return self.answer
        if self.error is None or self._left() <= 0:
            self._cut()
            raise DeliveryError(f"{self.target.where} did not answer within {self.timeout_s:g} s")
        if isinstance(self.error, DeliveryError):
            raise self.error
        raise DeliveryError(f"{self.target.where}: {_reason(self.error)}") from None

    def _work(self) -> None:
        try:
            self.answer = self._exchanged()
        except BaseException as error:  # it is raised again in the thread that waits
            self.error = error
        finally:
            if self.connection is not None:
                self.connection.close()

    def _exchanged(self) -> Answer:
        connection = self._connected(self.target.checked_addresses())
        path = self.target.url.request_uri
        connection.request("POST", path, self.body, self.headers, preload_content=False)
        with contextlib.closing(connection.getresponse()) as response:
            return Answer(response.status, response.headers)

    def _connected(self, addresses: list[Address]) -> HTTPConnection:
        last: Exception = DeliveryError(f"{self.target.where}: the name has no address")
        for address in addresses:
            if self._left() <= 0:
                break
            self.connection = self._connection(address)
            try:
                self.connection.connect()
            except exceptions.NewConnectionError as error:
                last = error
                continue
            if self._left() > 0:
                return self.connection
        raise last

    def _connection(self, address: Address) -> HTTPConnection:
        host, port, left = str(address), self.target.port, self._left()
        if self.target.url.scheme == "http":
            return HTTPConnection(host, port, timeout=left)
        # The connection goes to the checked address; SNI and certificate are of the name.
        return HTTPSConnection(
            host,
            port,
            timeout=left,
            server_hostname=self.target.host,
            ssl_context=self.target.tls,
        )

    def _left(self) -> float:
        return self.ends - time.monotonic()

    def _cut(self) -> None:
        sock: Any = self.connection.sock if self.connection is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                # Not SSLSocket.shutdown: that takes the TLS object from under the reader.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _reason(error: BaseException) -> str:
    """Why, in a few words, without any part of the address or the answer."""
    cause = error.__cause__ if isinstance(error, exceptions.HTTPError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not valid: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed: {cause.reason}"
    if isinstance(cause, http.client.HTTPException) and not isinstance(cause, OSError):
        return "the answer is not HTTP"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause or error).__name__
