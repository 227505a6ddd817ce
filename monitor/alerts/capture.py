"""Capture sink: keeps what it is given. For tests, and for `--dry-run`."""

from __future__ import annotations

from dataclasses import dataclass, field

from monitor.model import Delivery


@dataclass(frozen=True)
class Capture:
    """Takes every message and sends none."""

    deliveries: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery) -> None:
        """Keep `delivery`."""
        self.deliveries.append(delivery)
