"""Webhook sink: POST of JSON, signed as Standard Webhooks asks (standardwebhooks.com)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from monitor.alerts.bodies import BODIES, Content, own
from monitor.alerts.http import Clock, secret_of, sent, target_of, utc_now
from monitor.alerts.post import Target
from monitor.alerts.secrets import signing_key
from monitor.config import SinkSettings
from monitor.model import Delivery


@dataclass(frozen=True)
class Webhook:
    """Posts each message to `target` in the shape of `body`, signed with `key` if there is one."""

    target: Target
    key: bytes | None = field(default=None, repr=False)
    timeout_s: float = 10.0
    body: Callable[[Delivery], Content] = own
    clock: Clock = utc_now

    def send(self, delivery: Delivery) -> None:
        """POST `delivery`; DeliveryError unless the answer is 2xx."""
        content = self.body(delivery)
        headers = self._headers(delivery.id, content)
        sent(self.target, content, headers, self.timeout_s, self.clock)

    def _headers(self, message_id: str, content: Content) -> dict[str, str]:
        at = str(int(self.clock().timestamp()))
        headers = {"webhook-id": message_id, "webhook-timestamp": at}
        if self.key is not None:
            headers["webhook-signature"] = signature(self.key, message_id, at, content.data)
        return headers


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> Webhook:
    """The webhook sink `name`; UsageError where its address, secret or networks are unusable."""
    secret = secret_of(name, settings, root, env)
    key = None if secret is None else signing_key(secret, f"the secret of sink {name!r}")
    target = target_of(name, settings, env)
    return Webhook(target, key, settings.timeout_s, BODIES[settings.format])


def signature(key: bytes, message_id: str, at: str, body: bytes) -> str:
    """`v1,` and the base64 of HMAC-SHA256 over id, time and body (Standard Webhooks).

    >>> signature(b"0" * 24, "msg_1", "1674087231", b"{}")
    'v1,yLZ+eTzorJpgvCEx1oQEw/rzasCtLCDkrrYdYQxE8ns='
    """
    signed = b".".join((message_id.encode(), at.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
