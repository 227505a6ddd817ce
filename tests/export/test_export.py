"""What is written for Evidently, the Embedding Projector, embedding-atlas and MLflow."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from evidently.ui.workspace import Workspace
from mlflow import MlflowClient

import monitor
from monitor.batch import Items
from monitor.config import Config
from monitor.errors import MonitorError, UsageError
from monitor.export.atlas import write_atlas
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
    assert [widget.type for widget in runs[1].widgets] == ["counter"] * 4


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
        ("atlas", "meals is no run in JSON: [Errno 2] No such file or directory: 'meals'"),
    ):
        with pytest.raises(UsageError) as caught:
            opened.export(kind, "meals", tmp_path / "out")
        assert caught.value.message == message
    with pytest.raises(UsageError, match="only mlflow takes a version of a model"):
        opened.export("evidently", "meals", tmp_path, model="items/1")
    assert opened.export("projector", "meals@v1", tmp_path / "out")["written"] == 3


POINTS: dict[str, Any] = {
    **{"x": [0.0, 1.0, 3.0], "y": [0.0, 2.0, 4.0], "text": ["a", "b", None], "id": ["1", "2", "3"]},
    **{"at": [0.5, None, 86_400.0], "split": [0, 1, 1], "cluster": [7, 7, 8]},
    "novelty": [0.1, 0.2, 0.3],
    "columns": [
        {"name": "lang", "names": ["de", "fr"], "values": [1, None, 0]},
        {"name": "topic", "names": ["taken"], "values": [0, 0, 0]},
    ],
}


def test_a_map_for_embedding_atlas(tmp_path: Path) -> None:
    """Rows with their places, sides, topics and columns; each topic's name at its middle."""
    clusters = [{"id": 7, "label": "pizza"}, {"id": 8, "label": None}]
    run = {"windows": [{"clusters": clusters}], "map": {"points": POINTS}}
    assert write_atlas(run, tmp_path) == 3
    rows = pq.read_table(tmp_path / "map.parquet")
    assert rows["topic"].to_pylist() == ["pizza", "pizza", None]
    assert rows["side"].to_pylist() == ["reference", "current", "current"]
    assert rows["lang"].to_pylist() == ["fr", None, "de"]
    assert [at and at.isoformat() for at in rows["at"].to_pylist()] == [
        *("1970-01-01T00:00:00.500000+00:00", None, "1970-01-02T00:00:00+00:00")
    ]
    labels = pq.read_table(tmp_path / "labels.parquet").to_pylist()
    assert labels == [{"x": 0.5, "y": 1.0, "text": "pizza", "priority": 2}]
    with pytest.raises(UsageError, match="this run holds no map of traffic"):
        write_atlas({"verdict": "ok"}, tmp_path)


def test_a_comparison_in_mlflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its numbers are metrics of the run that made the version, its page an artifact of it, its
    verdict a tag of the version; without a version there is a run of its own."""
    monkeypatch.chdir(tmp_path)
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    client = MlflowClient(tracking_uri=uri, registry_uri=uri)
    made = client.create_run(client.create_experiment("training", f"{tmp_path}/artifacts"))
    client.create_registered_model("items")
    client.create_model_version("items", "somewhere", made.info.run_id)
    opened, x = monitor.open(Config(root=tmp_path)), np.random.default_rng(0).normal(size=(60, 8))
    for name, rows in (("a", x), ("b", 3 * x)):
        np.save(f"{name}.npy", rows)
    answer = Path("compared.json")
    answer.write_text(json.dumps(opened.compare("a.npy", "b.npy")), encoding="utf-8")
    assert opened.export("mlflow", str(answer), uri, model="items/1")["written"] == made.info.run_id
    run = client.get_run(made.info.run_id)
    assert run.data.metrics["embmon/norm_ratio"] == pytest.approx(3)
    assert run.data.metrics["embmon/both"] == 60
    version = client.get_model_version("items", "1")
    told = {"embmon.verdict": "warn", "embmon.cause": "rescale"}
    assert version.tags == {**told, "embmon.run": run.info.run_id}
    found = [one.path for one in client.list_artifacts(run.info.run_id, "embmon")]
    assert found == ["embmon/report.html", "embmon/run.json"]
    own = client.get_run(opened.export("mlflow", str(answer), uri)["written"])
    assert own.data.tags.items() >= told.items() and own.info.status == "FINISHED"
    for model, message in (
        ("items", "'items' is no version of a model"),
        ("items/9", "Model Version (name=items, version=9) not found"),
    ):
        with pytest.raises(MonitorError, match=re.escape(message)):
            opened.export("mlflow", str(answer), uri, model=model)
    answer.write_text('{"schema": "embmon/render/1"}', encoding="utf-8")
    with pytest.raises(UsageError, match=r"compared\.json holds no verdict"):
        opened.export("mlflow", str(answer), uri)
