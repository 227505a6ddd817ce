"""What sinks that speak HTTP share: address, secret, one POST, and what its answer means."""

from __future__ import annotations

import email.utils
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from monitor import __version__
from monitor.alerts.addresses import networks
from monitor.alerts.bodies import Content
from monitor.alerts.post import Answer, Target, post
from monitor.alerts.secrets import read_secret, referred
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.errors import UsageError
from monitor.model import Delivery

Clock = Callable[[], datetime]

_TRY_AGAIN = (408, 425, 429)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def _as_it_is(body: Any) -> None:
    """There is no simpler body."""


@dataclass(frozen=True)
class JsonPost:
    """Posts what `body` makes of a message; None: this receiver is not told of it.

    simpler: what to post where the receiver refuses a body for good; None: nothing.
    """

    target: Target
    body: Callable[[Delivery], Any]
    timeout_s: float = 10.0
    clock: Clock = utc_now
    simpler: Callable[[Any], Any] = _as_it_is

    def send(self, delivery: Delivery) -> None:
        """POST `delivery`; DeliveryError unless the answer is 2xx."""
        body = self.body(delivery)
        if body is None:
            return
        try:
            self._post(body)
        except DeliveryError as error:
            simpler = self.simpler(body) if error.permanent and not error.closed else None
            if simpler is None:
                raise
            self._post(simpler)

    def _post(self, body: Any) -> None:
        data = json.dumps(body, allow_nan=False, separators=(",", ":")).encode("ascii")
        sent(self.target, Content(data), {}, self.timeout_s, self.clock)


def sent(
    target: Target, content: Content, headers: Mapping[str, str], timeout_s: float, clock: Clock
) -> None:
    """One POST; DeliveryError unless the answer is 2xx."""
    own = {"Content-Type": content.type, "User-Agent": f"embmon/{__version__}"}
    answer = post(target, content.data, {**own, **headers}, timeout_s)
    if not 200 <= answer.status < 300:
        raise refusal(answer, target.where, clock())


def target_of(
    name: str, settings: SinkSettings, env: Mapping[str, str], *, default: str = "", path: str = ""
) -> Target:
    """Where sink `name` posts: its address, or `default`, and `path` below it.

    Raises UsageError where address or networks cannot be used.
    """
    what, url = f"the address of sink {name!r}", settings.url or default
    url = referred(url, what, env) if url.startswith("env:") else url
    allowed = networks(settings.allow_networks, f"allow_networks of sink {name!r}")
    return Target.of(url.rstrip("/") + path if path else url, allowed, what)


def secret_of(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> str | None:
    """The secret of sink `name`, from the environment or a file; None where it has none."""
    what = f"the secret of sink {name!r}"
    if settings.secret and settings.secret_file:
        raise UsageError(f"{what} is given twice", "keep one of secret and secret_file")
    if settings.secret_file:
        return read_secret(root / Path(settings.secret_file).expanduser(), what)
    return referred(settings.secret, what, env) if settings.secret else None


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
