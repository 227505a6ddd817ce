"""Standard-output sink: one line a message, for people and for cron's mail."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from monitor.alerts.message import line
from monitor.alerts.sink import DeliveryError
from monitor.config import SinkSettings
from monitor.model import Delivery


@dataclass(frozen=True)
class Stdout:
    """Prints to `stream`, by default to what `sys.stdout` is when the message is sent."""

    stream: TextIO | None = None

    def send(self, delivery: Delivery) -> None:
        """Print one line; DeliveryError where nobody reads any more."""
        stream = self.stream or sys.stdout
        text = line(delivery)
        # A terminal of another encoding shows "?" rather than nothing.
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            print(text.encode(encoding, "replace").decode(encoding), file=stream, flush=True)
        except (OSError, ValueError) as error:
            raise DeliveryError(f"cannot print the alert: {error}") from None


def make(_name: str, _settings: SinkSettings, _root: Path, _env: Mapping[str, str]) -> Stdout:
    """The standard-output sink."""
    return Stdout()
