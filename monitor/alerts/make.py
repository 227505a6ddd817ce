"""From the `[sinks.*]` of the configuration to sinks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from monitor.alerts import (
    alertmanager,
    command,
    jsonl,
    others,
    pagerduty,
    slack,
    smtp,
    stdout,
    teams,
    webhook,
)
from monitor.alerts.sink import DeliveryError, Sink
from monitor.alerts.smtp import Mail
from monitor.alerts.stdout import Stdout
from monitor.config import SinkSettings
from monitor.errors import MissingExtra, MonitorError, UsageError
from monitor.model import Delivery

Maker = Callable[[str, SinkSettings, Path, Mapping[str, str]], Sink]

KINDS: dict[str, Maker] = {
    "stdout": stdout.make,
    "jsonl": jsonl.make,
    "command": command.make,
    "webhook": webhook.make,
    "alertmanager": alertmanager.make,
    "pagerduty": pagerduty.make,
    "slack": slack.make,
    "teams": teams.make,
    "smtp": smtp.make,
    "apprise": others.make,
}


@dataclass(frozen=True)
class Unusable:
    """Stands for a sink whose settings are wrong: its messages wait until they are mended."""

    error: MonitorError

    def send(self, delivery: Delivery) -> None:
        """Raise DeliveryError with what is wrong."""
        raise DeliveryError(self.error.message)


def make_sink(
    name: str, settings: SinkSettings, root: Path, env: Mapping[str, str] = os.environ
) -> Sink:
    """The sink `name`; relative paths are below `root`, secrets come from `env` or from files.

    Raises UsageError, which holds no secret, where a setting is missing or unusable.
    """
    return KINDS[settings.kind](name, settings, root, env)


def make_sinks(
    settings: Mapping[str, SinkSettings],
    root: Path,
    env: Mapping[str, str] = os.environ,
    *,
    stream: TextIO | None = None,
    pictures: Path | None = None,
) -> dict[str, Sink]:
    """All sinks by name. One that cannot be made becomes `Unusable` and stops no other.

    stream: where standard-output sinks print, if not there; pictures: the folder of reports, where
    mail finds the pictures of messages.
    """
    made: dict[str, Sink] = {}
    for name, each in settings.items():
        try:
            match make_sink(name, each, root, env):
                case Stdout():
                    made[name] = Stdout(stream)
                case Mail() as mail:
                    made[name] = replace(mail, pictures=pictures)
                case sink:
                    made[name] = sink
        except (UsageError, MissingExtra) as error:
            made[name] = Unusable(error)
    return made
