"""Verdicts as runs of a project in an Evidently workspace, so that its UI shows and plots them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

NUMBERS = ("score", "threshold", "p_value", "rows")
"""What a run holds of a verdict."""


def write_workspace(space: str, windows: Sequence[Mapping[str, Any]], folder: Path) -> int:
    """Writes a run for each verdict that has a score into the workspace; how many are new.

    windows: of the JSON of `embmon history`. A run is dated at its window's end and holds the
    score, tested against its threshold, the p-value and the rows; its verdict is its tag. A
    verdict that the project of the space has already is left alone.
    """
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from evidently.ui.workspace import Workspace

    workspace = Workspace.create(str(folder.resolve()))
    project = _project(workspace, space)
    known = {workspace.get_run(project.id, run).name for run in workspace.list_runs(project.id)}
    fresh = [w for w in windows if w["score"] is not None and _name(w) not in known]
    for window in fresh:
        workspace.add_run(project.id, _snapshot(window), include_data=False)
    return len(fresh)


def _name(window: Mapping[str, Any]) -> str:
    return f"{window['monitor']} {window['start']} to {window['end']}"


def _project(workspace: Any, space: str) -> Any:
    """The project of a space, made with its plots where there is none."""
    from evidently.sdk.panels import PanelMetric, line_plot_panel

    for project in workspace.search_project(space):
        if project.name == space:
            return project
    project = workspace.create_project(space, "Embedding drift, as embmon judged it")
    for title, columns in (
        ("Score against its threshold", ("score", "threshold")),
        ("Rows of a window", ("rows",)),
    ):
        values = [
            PanelMetric(legend=name, metric="MeanValue", metric_labels={"column": name})
            for name in columns
        ]
        project.dashboard.add_panel(line_plot_panel(title=title, values=values))
    return project


def _snapshot(window: Mapping[str, Any]) -> Any:
    """A verdict as a run: the mean of one row is the number itself."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import MeanValue
    from evidently.tests import lt

    numbers = {name: float(window[name]) for name in NUMBERS if window[name] is not None}
    tests = {"score": [lt(numbers["threshold"])]} if "threshold" in numbers else {}
    data = Dataset.from_pandas(
        pd.DataFrame([numbers]), DataDefinition(numerical_columns=list(numbers))
    )
    report = Report(
        [MeanValue(column=name, tests=tests.get(name)) for name in numbers],
        tags=[str(window["verdict"])],
        metadata={"monitor": str(window["monitor"]), "verdict": str(window["verdict"])},
    )
    ended = datetime.fromisoformat(window["end"])
    run = report.run(data, timestamp=ended, name=_name(window))
    # Its page would be a histogram of one row for each number.
    run._widgets = [_figure(name, value) for name, value in numbers.items()]
    return run


def _figure(name: str, value: float) -> Any:
    """A number as a page of the UI shows it."""
    from evidently.legacy.renderers.html_widgets import CounterData, WidgetSize, counter

    shown = CounterData(label=name.replace("_", " "), value=f"{value:.4g}")
    return counter(counters=[shown], size=WidgetSize.HALF)
