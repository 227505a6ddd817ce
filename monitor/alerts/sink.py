"""The one thing a sink must do, and the one way it may fail."""

from __future__ import annotations

from typing import Protocol

from monitor.errors import MonitorError
from monitor.model import Delivery


class DeliveryError(MonitorError):
    """One message could not be handed over.

    permanent: the same message will never be taken. retry_after_s: how long the receiver asks
    us to wait. closed: the receiver wants no message any more, of any kind.
    """

    exit_code = 4

    def __init__(
        self,
        message: str,
        permanent: bool = False,
        retry_after_s: float | None = None,
        *,
        closed: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        self.closed = closed


class Sink(Protocol):
    """Somewhere alerts go. One try a call: when to try again is decided in `deliver`."""

    def send(self, delivery: Delivery) -> None:
        """Hand `delivery` over, or raise DeliveryError."""
        ...
