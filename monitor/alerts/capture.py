"""Capture sink: keeps what it is given. For tests, and for `--dry-run`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from monitor.model import Delivery


@dataclass(frozen=True)
class Capture:
    """Takes every message and sends none."""

    deliveries: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery) -> None:
        """Keep `delivery`."""
        self.deliveries.append(delivery)

    def documents(self) -> list[dict[str, Any]]:
        """The messages in JSON, each with the sink it was for."""
        return [{"sink": one.sink, "id": one.id, **one.payload} for one in self.deliveries]
