"""Dry runs: the very code of a command, on a copy of the store, with every message captured."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from monitor.config import EngineSettings, MetricsSettings
from monitor.pipeline.workspace import Rehearsal, Workspace


@contextmanager
def rehearsed(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace in which nothing is kept or sent: no row, blob, page, metric or message."""
    from monitor.alerts.capture import Capture

    config = workspace.config
    quiet = {
        "metrics": MetricsSettings(),
        "engine": EngineSettings(),
        "report": config.report.model_copy(update={"map": "none"}),  # nobody will see it
    }
    with tempfile.TemporaryDirectory(prefix="embmon-dry-run-") as folder:
        own = replace(
            workspace,
            config=config.model_copy(update=quiet),
            rehearsal=Rehearsal(Path(folder), Capture()),
        )
        try:
            yield own
        finally:
            if "store" in vars(own):
                own.store.close()
