"""From the outbox to the sinks: at least once, with patience, and no channel delays another."""

from __future__ import annotations

import random as randomness
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from monitor.alerts.secrets import redacted
from monitor.alerts.sink import DeliveryError, Sink
from monitor.model import Delivery

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 3600.0
LONGEST_ASKED_WAIT_S = 86_400.0
GIVE_UP_AFTER = timedelta(hours=72)
"""A message is given up when it is this old and was tried LEAST_ATTEMPTS times. Both, so that
a host that was off for a week still tries, and so that a daily run gets its eight tries."""
LEAST_ATTEMPTS = 8
WAITS = "waits: another message to this sink failed just now"
LEASE_S = 600.0
"""Longer than any sink may take (300 s): a claim must not lapse while its message is sent."""


class Outbox(Protocol):
    """The stored messages. A claim is exclusive until it is settled or its lease is over."""

    def claim(self, now: datetime, owner: str, lease_s: float) -> Delivery | None:
        """A pending message that is due and that nobody holds, oldest first; None if none is."""
        ...

    def sent(self, delivery_id: str, owner: str, now: datetime) -> None:
        """The message is with the receiver."""
        ...

    def retry(self, delivery_id: str, owner: str, error: str, next_at: datetime) -> None:
        """The message stays, is due again at `next_at`, and was tried once more."""
        ...

    def dead(self, delivery_id: str, owner: str, error: str, now: datetime) -> None:
        """The message will never be sent; it stays visible with its error."""
        ...


@dataclass
class DeliveryReport:
    """What one call did. `errors` holds each sink's last error, without secrets.

    `retried` counts messages that were tried or put off, and stay in the outbox.
    """

    sent: int = 0
    retried: int = 0
    dead: int = 0
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing is left behind."""
        return not (self.retried or self.dead)


def deliver(
    outbox: Outbox,
    sinks: Mapping[str, Sink],
    *,
    now: Callable[[], datetime],
    owner: str,
    random: randomness.Random,
    deadline_s: float,
) -> DeliveryReport:
    """Send what is due until the outbox is empty or `deadline_s` is over.

    A sink that fails is not tried again in this call: its other messages are put off, so that
    a dead channel costs one time-out. The deadline is looked at before each message.
    """
    round_ = _Round(outbox, sinks, now, owner, random)
    ends = now() + timedelta(seconds=deadline_s)
    while now() < ends:
        delivery = outbox.claim(now(), owner, LEASE_S)
        if delivery is None:
            break
        round_.settle(delivery)
    return round_.report


def wait_s(attempts: int, random: randomness.Random) -> float:
    """Seconds until the next try after `attempts` earlier ones: exponential, with full jitter.

    Uniform between 30 s and the step's ceiling, which doubles from one minute to one hour
    (Brooker, "Exponential backoff and jitter", AWS Architecture Blog 2015).

    >>> 30 <= wait_s(0, randomness.Random(0)) <= 60
    True
    """
    ceiling = min(LONGEST_WAIT_S, 2 * FIRST_WAIT_S * 2.0 ** min(attempts, 16))
    return random.uniform(FIRST_WAIT_S, ceiling)


@dataclass
class _Round:
    """One call's memory: which sinks failed, until when they rest, and which are closed."""

    outbox: Outbox
    sinks: Mapping[str, Sink]
    now: Callable[[], datetime]
    owner: str
    random: randomness.Random
    report: DeliveryReport = field(default_factory=DeliveryReport)
    resting: dict[str, datetime] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)

    def settle(self, delivery: Delivery) -> None:
        """Send one message, or put it off, or bury it."""
        if delivery.sink in self.closed:
            self._bury(delivery, self.closed[delivery.sink])
        elif delivery.sink in self.resting:
            self._put_off(delivery, WAITS)
        elif delivery.sink not in self.sinks:
            self._bury(delivery, f"there is no sink {delivery.sink!r} in the configuration")
        else:
            self._send(delivery)

    def _send(self, delivery: Delivery) -> None:
        try:
            self.sinks[delivery.sink].send(delivery)
        except DeliveryError as error:
            self._failed(delivery, error)
        except Exception as error:  # a fault in one sink must not keep the others' messages
            self._failed(delivery, DeliveryError(f"the sink failed: {type(error).__name__}"))
        else:
            self.outbox.sent(delivery.id, self.owner, self.now())
            self.report.sent += 1

    def _failed(self, delivery: Delivery, error: DeliveryError) -> None:
        if error.permanent:
            if error.closed:
                self.closed[delivery.sink] = redacted(error.message)
            self._bury(delivery, error.message)
            return
        asked = min(error.retry_after_s or 0.0, LONGEST_ASKED_WAIT_S)
        pause = max(asked, wait_s(delivery.attempts, self.random))
        self.resting[delivery.sink] = self.now() + timedelta(seconds=pause)
        if self._is_spent(delivery):
            self._bury(delivery, f"given up after {delivery.attempts + 1} tries: {error.message}")
        else:
            self._put_off(delivery, error.message)
            self.report.errors[delivery.sink] = redacted(error.message)

    def _is_spent(self, delivery: Delivery) -> bool:
        old = self.now() - delivery.created_at >= GIVE_UP_AFTER
        return old and delivery.attempts + 1 >= LEAST_ATTEMPTS

    def _put_off(self, delivery: Delivery, error: str) -> None:
        # All of a sink's messages at the same time: they leave in their order, one by one.
        until = self.resting[delivery.sink]
        self.outbox.retry(delivery.id, self.owner, redacted(error), until)
        self.report.retried += 1

    def _bury(self, delivery: Delivery, error: str) -> None:
        self.outbox.dead(delivery.id, self.owner, redacted(error), self.now())
        self.report.dead += 1
        self.report.errors[delivery.sink] = redacted(error)
