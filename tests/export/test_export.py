"""Verdicts in an Evidently workspace, and rows for the Embedding Projector."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from evidently.ui.workspace import Workspace

import monitor
from monitor.batch import Items
from monitor.config import Config
from monitor.errors import UsageError
from monitor.export.evidently import write_workspace
from monitor.export.projector import write_projector

WINDOWS: list[dict[str, Any]] = [
    {
        "monitor": "m",
        "start": f"2026-11-{day:02}T00:00:00Z",
        "end": f"2026-11-{day + 1:02}T00:00:00Z",
        "verdict": word,
        "score": score,
        "threshold": 3.0,
        "p_value": score and 10**-score,
        "rows": 100 + day,
    }
    for day, word, score in ((1, "ok", 0.5), (2, "drift", 4.0), (3, "insufficient", None))
]


def test_runs_in_a_workspace(tmp_path: Path) -> None:
    """Evidently reads back each number, date, tag and test; nothing is written twice."""
    assert write_workspace("meals", WINDOWS[:1], tmp_path) == 1
    assert write_workspace("meals", WINDOWS, tmp_path) == 1
    assert write_workspace("meals", WINDOWS, tmp_path) == 0
    workspace = Workspace(str(tmp_path))
    (project,) = workspace.list_projects()
    assert project.name == "meals"
    runs = [workspace.get_run(project.id, run) for run in workspace.list_runs(project.id)]
    runs.sort(key=lambda run: run.timestamp)
    assert [run.tags for run in runs] == [["ok"], ["drift"]]
    assert [run.timestamp.isoformat()[:10] for run in runs] == ["2026-11-02", "2026-11-03"]
    found = [[float(result.value) for result in run.metric_results.values()] for run in runs]
    assert found == [[0.5, 3.0, 10**-0.5, 101.0], [4.0, 3.0, 1e-4, 102.0]]
    states = [
        test.status.value
        for run in runs
        for result in run.metric_results.values()
        for test in result.tests
    ]
    assert states == ["SUCCESS", "FAIL"]


def test_rows_for_the_projector(tmp_path: Path) -> None:
    """Both files have the same rows, and no value breaks a line."""
    vectors = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    vectors[2, 0] = np.nan
    names = pa.array(["a\tb", "line\nbreak", "c", None, "räks\x1b[2J"])
    items = Items(pa.array(list("vwxyz")), vectors, {"name": names})
    assert write_projector(items, tmp_path) == 4
    keep = [0, 1, 3, 4]
    np.testing.assert_array_equal(
        np.loadtxt(tmp_path / "vectors.tsv", np.float32, delimiter="\t"), vectors[keep]
    )
    text = (tmp_path / "metadata.tsv").read_text(encoding="utf-8")
    rows = list(csv.reader(text.splitlines(), delimiter="\t"))
    assert rows == [
        ["id", "name"],
        *(["v", "a b"], ["w", "line break"], ["y", ""], ["z", "räks [2J"]),
    ]


def test_what_cannot_be_exported(tmp_path: Path) -> None:
    """A space without verdicts, and an unknown kind."""
    opened = monitor.open(Config(root=tmp_path))
    np.save(tmp_path / "x.npy", np.eye(3, dtype="f4"))
    opened.snapshot("meals", "v1", tmp_path / "x.npy")
    for kind, message in (
        ("evidently", "space 'meals' has no verdict yet"),
        ("phoenix", "nothing is exported as 'phoenix'"),
    ):
        with pytest.raises(UsageError) as caught:
            opened.export(kind, "meals", tmp_path / "out")
        assert caught.value.message == message
    assert opened.export("projector", "meals@v1", tmp_path / "out")["written"] == 3
