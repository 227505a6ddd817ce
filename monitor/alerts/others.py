"""The sink for more than a hundred other services, by the apprise library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.alerts.secrets import referred
from monitor.alerts.sink import DeliveryError
from monitor.alerts.words import Speech, speech_of
from monitor.config import SinkSettings
from monitor.errors import MissingExtra, UsageError
from monitor.model import Delivery


@dataclass(frozen=True)
class Apprise:
    """Hands messages to `receiver`, an apprise.Apprise that knows one address."""

    receiver: Any
    speech: Speech

    def send(self, delivery: Delivery) -> None:
        """Notify; DeliveryError where the service did not take it. It does not say why."""
        said = self.speech(delivery)
        text = "\n".join(filter(None, (said.text, said.link)))
        kind = "success" if delivery.payload["state"] == "resolved" else "warning"
        if not self.receiver.notify(body=text or said.title, title=said.title, notify_type=kind):
            raise DeliveryError("apprise could not deliver it")


def make(name: str, settings: SinkSettings, root: Path, env: Mapping[str, str]) -> Apprise:
    """The apprise sink `name`; its address, which holds secrets, is env:NAME."""
    try:
        import apprise
    except ImportError:
        raise MissingExtra("apprise", "apprise") from None
    receiver = apprise.Apprise()
    what = f"the address of sink {name!r}"
    if not receiver.add(referred(settings.url or "", what, env)):
        raise UsageError(f"{what} is not one that apprise knows", "see its list of services")
    return Apprise(receiver, speech_of(name, settings, root))
