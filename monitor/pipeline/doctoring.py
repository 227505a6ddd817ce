"""Whether every part that the configuration names can be reached."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from monitor.alerts.make import make_sink
from monitor.alerts.post import Target
from monitor.alerts.sink import DeliveryError
from monitor.calendars import calendar
from monitor.config import MonitorSettings, SinkSettings
from monitor.errors import MonitorError
from monitor.pipeline.arrivals import columns_of
from monitor.pipeline.backlog import wanted_reference
from monitor.pipeline.ingestion import read_columns, refuse_dim
from monitor.pipeline.windowing import Splitting
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources import open_source


def doctor(workspace: Workspace) -> dict[str, Any]:
    """Tries every part the configuration names, and says what is wrong with it."""
    config = workspace.config
    checks = [_tried("store", lambda: workspace.store.spaces())]
    for name, monitor in config.monitors.items():
        checks.append(_tried(f"source of {name}", partial(_try_source, workspace, monitor)))
        checks.append(_tried(f"reference of {name}", partial(_try_reference, workspace, monitor)))
        days = monitor.excluded_days, monitor.labelled_days
        if any(days):
            checks.append(_tried(f"days of {name}", partial(calendar, *days)))
    for name, sink in config.sinks.items():
        checks.append(_tried(f"sink {name}", partial(_try_sink, name, sink, config.root)))
    healthy = all(check["ok"] for check in checks)
    return Run("doctor", workspace).document({"checks": checks, "exit_code": 0 if healthy else 1})


def _try_source(workspace: Workspace, monitor: MonitorSettings) -> None:
    """Its columns and segments are there, and its vectors of the dimension that is declared."""
    source = workspace.source(monitor.source)
    how = Splitting(monitor.every, monitor.sample, monitor.segments)
    opened = open_source(source, read_columns(columns_of(monitor), how))
    space = workspace.config.spaces.get(monitor.space)
    if space is not None and space.dim is not None:
        refuse_dim(opened.name, opened.dim, monitor.space, space.dim)


def _try_reference(workspace: Workspace, monitor: MonitorSettings) -> None:
    version = wanted_reference(monitor.reference).get("version")
    if version is not None:
        workspace.store.version(monitor.space, version)


def _try_sink(name: str, settings: SinkSettings, root: Path) -> None:
    """Its settings can be used, and its address may be reached; nothing is sent."""
    target = getattr(make_sink(name, settings, root), "target", None)
    if isinstance(target, Target):
        target.checked_addresses()


def _tried(what: str, attempt: Callable[[], object]) -> dict[str, Any]:
    try:
        attempt()
    except (MonitorError, DeliveryError, OSError) as error:
        message = getattr(error, "message", str(error))
        return {"what": what, "ok": False, "problem": message, "hint": getattr(error, "hint", "")}
    return {"what": what, "ok": True, "problem": None, "hint": None}
