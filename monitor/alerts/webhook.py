"""Webhook sink: POST of JSON, signed as Standard Webhooks asks (standardwebhooks.com)."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from monitor import __version__
from monitor.alerts.addresses import networks
from monitor.alerts.message import encoded
from monitor.alerts.post import Answer, Target, post
from monitor.alerts.secrets import read_secret, referred, signing_key
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

_TRY_AGAIN = (408, 425, 429)


@dataclass(frozen=True)
class Webhook:
    """Posts each message to `target`, signed with `key` where there is one."""

    target: Target
    key: bytes | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def send(self, delivery: Delivery) -> None:
        """POST `delivery`; DeliveryError unless the answer is 2xx."""
        body = encoded(delivery)
        answer = post(self.target, body, self._headers(delivery.id, body), self.timeout_s)
        if not 200 <= answer.status < 300:
            raise refusal(answer, self.target.where, self.clock())

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        at = str(int(self.clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"embmon/{__version__}",
            "webhook-id": message_id,
            "webhook-timestamp": at,
        }
        if self.key is not None:
            headers["webhook-signature"] = signature(self.key, message_id, at, body)
        return headers


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> Webhook:
    """The webhook sink `name`; UsageError where its address, secret or networks are unusable."""
    url_of, secret_of = f"the address of sink {name!r}", f"the secret of sink {name!r}"
    url = settings.url or ""
    target = Target.of(
        referred(url, url_of, env) if url.startswith("env:") else url,
        networks(settings.allow_networks, f"allow_networks of sink {name!r}"),
        url_of,
    )
    secret = _secret(settings, root, env, secret_of)
    key = None if secret is None else signing_key(secret, secret_of)
    return Webhook(target, key, settings.timeout_s)


def signature(key: bytes, message_id: str, at: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, time and body (Standard Webhooks).

    >>> signature(b"0" * 24, "msg_1", "1674087231", b"{}")
    'v1,yLZ+eTzorJpgvCEx1oQEw/rzasCtLCDkrrYdYQxE8ns='
    """
    signed = b".".join((message_id.encode(), at.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def refusal(answer: Answer, where: str, now: datetime) -> DeliveryError:
    """What an answer outside 2xx means: to try again, to give the message up, or to stop."""
    said = f"{where} answered {_phrase(answer.status)}"
    if answer.status == HTTPStatus.GONE:
        return DeliveryError(
            f"{said}: the receiver has disabled this address", permanent=True, closed=True
        )
    if answer.status in _TRY_AGAIN or answer.status >= 500:
        return DeliveryError(said, retry_after_s=_retry_after(answer, now))
    if 300 <= answer.status < 400:
        said += ": redirects are not followed"
    return DeliveryError(said, permanent=True)


def _secret(settings: SinkSettings, root: Path, env: Mapping[str, str], what: str) -> str | None:
    if settings.secret and settings.secret_file:
        raise UsageError(f"{what} is given twice", "keep one of secret and secret_file")
    if settings.secret_file:
        return read_secret(root / Path(settings.secret_file).expanduser(), what)
    return referred(settings.secret, what, env) if settings.secret else None


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds of the Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    text = answer.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - now).total_seconds())
