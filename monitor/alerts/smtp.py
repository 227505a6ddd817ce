"""Mail sink: one message in plain text, and with its picture, by a relay of the user's."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid
from html import escape
from pathlib import Path
from typing import Any

from monitor.alerts.addresses import networks
from monitor.alerts.http import secret_of
from monitor.alerts.post import Target
from monitor.alerts.sink import DeliveryError
from monitor.alerts.words import PICTURE_ALT, Speech, Words, speech_of
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

_LARGEST_PICTURE = 2 << 20
_PORTS = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True)
class Mail:
    """Sends to `to` by `relay`; security is starttls, tls or none; `pictures` is their folder."""

    relay: Target
    sender: str
    to: tuple[str, ...]
    speech: Speech
    security: str = "starttls"
    login: tuple[str, str] | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    pictures: Path | None = None

    def send(self, delivery: Delivery) -> None:
        """Hand one mail to the relay; DeliveryError unless it takes it for every receiver."""
        try:
            with self._connected() as relay:
                relay.send_message(self.mail(delivery))
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise DeliveryError(
                f"{self._where} refuses every receiver", min(codes) >= 500
            ) from None
        except smtplib.SMTPResponseException as error:
            # A wrong password is mended in the settings; the message waits for that.
            permanent = error.smtp_code >= 500 and not isinstance(
                error, smtplib.SMTPAuthenticationError
            )
            raise DeliveryError(f"{self._where} answered {error.smtp_code}", permanent) from None
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise DeliveryError(f"{self._where}: {reason}") from None

    def mail(self, delivery: Delivery) -> EmailMessage:
        """The mail; its Message-ID is that of the message, and an incident is one thread."""
        said, told = self.speech(delivery), delivery.payload
        mail = EmailMessage()
        mail["Subject"] = said.title
        mail["From"] = formataddr(("embmon", self.sender))
        mail["To"] = ", ".join(self.to)
        mail["Date"] = formatdate(delivery.created_at.timestamp())
        mail["Message-ID"] = f"<{delivery.id}@embmon>"
        mail["References"] = f"<{told['fingerprint']}@embmon>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n".join([said.title, "", said.text, said.link or ""]).strip() + "\n")
        if (picture := self._picture(told)) is not None:
            _add_picture(mail, said, picture)
        return mail

    def _picture(self, told: Mapping[str, Any]) -> bytes | None:
        """The PNG beside the report, if it is still there and not too large for a mail."""
        if self.pictures is None or told["picture"] is None:
            return None
        path = self.pictures / str(told["picture"]["file"])
        with suppress(OSError):
            if path.stat().st_size <= _LARGEST_PICTURE:
                return path.read_bytes()
        return None

    @property
    def _where(self) -> str:
        return f"{self.relay.host}:{self.relay.port}"

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """The relay, which is cut off after `timeout_s`: time-outs of sockets are per read."""
        kind = _CheckedTLS if self.security == "tls" else _Checked
        relay = kind(self.relay, str(self.relay.checked_addresses()[0]), self.timeout_s)
        cut = threading.Timer(self.timeout_s, relay.cut)
        cut.start()
        try:
            if self.security == "starttls":
                relay.starttls(context=self.relay.tls)
            if self.login is not None:
                relay.login(*self.login)
            yield relay
            with suppress(OSError, smtplib.SMTPException):  # it has the mail
                relay.quit()
        finally:
            cut.cancel()
            relay.close()


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> Mail:
    """The mail sink `name`; UsageError where relay, sender or receivers are missing."""
    if not settings.host or not settings.sender or not settings.to:
        raise UsageError(
            f"sink {name!r} names no relay, sender or receiver",
            'write host = "smtp.example.com", sender = "embmon@example.com", to = ["me@…"]',
        )
    if any(sign in text for text in (settings.sender, *settings.to) for sign in "\r\n,<>"):
        raise UsageError(f"an address of sink {name!r} is none", "write name@example.com")
    secret = secret_of(name, settings, root, env)
    if secret and settings.security == "none":
        raise UsageError(f"sink {name!r} would send its password in the clear", "use starttls")
    port = settings.port or _PORTS[settings.security]
    allowed = networks(settings.allow_networks, f"allow_networks of sink {name!r}")
    # https stands for "checked like any other address"; nothing speaks HTTP here.
    relay = Target.of(f"https://{settings.host}:{port}", allowed, f"the host of sink {name!r}")
    return Mail(
        relay,
        settings.sender,
        settings.to,
        speech_of(name, settings, root),
        settings.security,
        (settings.user or settings.sender, secret) if secret else None,
        settings.timeout_s,
    )


def _add_picture(mail: EmailMessage, said: Words, picture: bytes) -> None:
    """The same words as HTML, with the picture below them."""
    cid = make_msgid(domain="embmon")
    parts = [f"<h3>{escape(said.title)}</h3>"]
    parts += [f"<div>{escape(line)}</div>" for line in said.text.splitlines()]
    if said.link:
        parts.append(f'<p><a href="{escape(said.link)}">Report</a></p>')
    parts.append(f'<img src="cid:{cid[1:-1]}" alt="{PICTURE_ALT}" width="750">')
    mail.add_alternative("\n".join(parts) + "\n", subtype="html")
    page = mail.get_body(("html",))
    assert page is not None
    page.add_related(picture, "image", "png", cid=cid, filename="drift.png", disposition="inline")


class _Checked(smtplib.SMTP):
    """Connects to the address that was checked; certificates are of the name."""

    def __init__(self, relay: Target, address: str, timeout_s: float) -> None:
        self._address, self._relay = address, relay
        super().__init__(relay.host, relay.port, timeout=timeout_s)

    def cut(self) -> None:
        """Ends whatever it waits for."""
        if self.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        return socket.create_connection((self._address, port), timeout)


class _CheckedTLS(_Checked):
    """The same, with TLS from the first byte."""

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        plain = super()._get_socket(host, port, timeout)
        return self._relay.tls.wrap_socket(plain, server_hostname=self._relay.host)
