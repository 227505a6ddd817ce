"""Whether every part that the configuration names can be reached."""

from __future__ import annotations

from typing import Any

from monitor.alerts.make import make_sink
from monitor.alerts.sink import DeliveryError
from monitor.errors import MonitorError
from monitor.pipeline.arrivals import columns_of
from monitor.pipeline.workspace import Run, Workspace
from monitor.sources import open_source


def doctor(workspace: Workspace) -> dict[str, Any]:
    """Tries every part the configuration names, and says what is wrong with it."""
    config = workspace.config
    checks = [_tried("store", lambda: workspace.store.spaces())]
    for name, monitor in config.monitors.items():
        source = workspace.source(monitor.source)
        found = _tried(
            f"source of {name}", lambda s=source, m=monitor: open_source(s, columns_of(m))
        )
        checks.append(found)
    for name, sink in config.sinks.items():
        checks.append(_tried(f"sink {name}", lambda n=name, s=sink: make_sink(n, s, config.root)))
    healthy = all(check["ok"] for check in checks)
    return Run("doctor", workspace).document({"checks": checks, "exit_code": 0 if healthy else 1})


def _tried(what: str, attempt: Any) -> dict[str, Any]:
    try:
        attempt()
    except (MonitorError, DeliveryError, OSError) as error:
        message = getattr(error, "message", str(error))
        return {"what": what, "ok": False, "problem": message, "hint": getattr(error, "hint", "")}
    return {"what": what, "ok": True, "problem": None, "hint": None}
