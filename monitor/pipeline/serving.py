"""Rows of a service, logged where the monitor's next run finds them."""

from __future__ import annotations

import glob
import threading
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.config import MonitorSettings
from monitor.errors import UsageError
from monitor.pipeline.workspace import Workspace

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from monitor.traffic_log import Counts, TrafficLog


class Logs:
    """The traffic logs of a process, one for each monitor that was logged to."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._logs: dict[str, tuple[MonitorSettings, TrafficLog]] = {}
        self._lock = threading.Lock()

    def log(
        self,
        name: str,
        vectors: ArrayLike,
        columns: Mapping[str, Sequence[Any]],
        at: datetime | None,
    ) -> bool:
        """Takes rows for monitor `name`; see `Monitor.log`."""
        settings, log = self._of(name)
        rows = {settings.at: [at or self._workspace.now()], **columns}
        missing = [one for one in _needed(settings) if one not in rows]
        if missing:
            raise UsageError(
                f"monitor {name!r} reads the column {missing[0]!r}, which is not logged",
                f"columns={{{missing[0]!r}: [...]}}",
            )
        return log.log(vectors, rows, settings.vector or "vector")

    def counts(self) -> dict[str, Counts]:
        """What became of the rows, by monitor."""
        return {name: log.counts for name, (_, log) in self._logs.items()}

    def close(self) -> None:
        """Writes what waits."""
        for _, log in self._logs.values():
            log.close()

    def _of(self, name: str) -> tuple[MonitorSettings, TrafficLog]:
        from monitor.traffic_log import TrafficLog

        found = self._logs.get(name)
        if found is None:
            with self._lock:
                settings = self._workspace.monitor(name)
                folder = _folder(self._workspace, name, settings.source)
                found = self._logs.setdefault(name, (settings, TrafficLog(folder)))
        return found


def _needed(settings: MonitorSettings) -> list[str]:
    named = (settings.id, settings.entity, settings.text, *settings.columns, *settings.segments)
    return [one for one in named if one]


def _folder(workspace: Workspace, name: str, source: str) -> Path:
    """The folder of a pattern of Parquet files: `traffic/*.parquet` is read from `traffic`."""
    path = workspace.config.path(source)
    fits = path.match("*.parquet") and glob.has_magic(path.name) and "://" not in source
    if not fits or glob.has_magic(str(path.parent)):
        raise UsageError(
            f"the source of monitor {name!r} is no folder of Parquet files: {source!r}",
            f'write source = "traffic/*.parquet" under [monitors.{name}]',
        )
    return path.parent
