"""Traffic that is not what was asked for is an event by its name, and holds up nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitor.config import Config, EngineSettings, MonitorSettings, ReportSettings, SinkSettings
from monitor.pipeline import Monitor
from monitor.pipeline.arrivals import ingested
from monitor.pipeline.sights import event

from .conftest import FIRST_DAY, traffic

Save = Callable[[pa.Table, str], str]
DAYS = 24
SETTINGS = MonitorSettings(
    space="q",
    source="in/*.parquet",
    at="at",
    entity="user",
    text="text",
    min_rows=20,
    reference="21d",
    sample=200,
)


def _vectors(table: pa.Table, vectors: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index("embedding"), "embedding", vectors)


def _of_dim(table: pa.Table, dim: int, kind: pa.DataType) -> pa.Table:
    rows = [[float(i % 7 + j) for j in range(dim)] for i in range(len(table))]
    return _vectors(table, pa.array(rows, kind))


def _renamed(table: pa.Table, column: str) -> pa.Table:
    return table.rename_columns([f"{n}_2" if n == column else n for n in table.column_names])


def _cast(table: pa.Table, column: str, kind: pa.DataType) -> pa.Table:
    return table.set_column(
        table.schema.get_field_index(column), column, pc.cast(table[column], kind)
    )


def _filled(table: pa.Table, column: str, value: Any) -> pa.Table:
    where = table.schema.get_field_index(column)
    return table.set_column(where, column, pa.array([value] * len(table)))


VARIANTS: dict[str, tuple[Callable[[pa.Table], pa.Table], str | None]] = {
    "dimension": (lambda t: _of_dim(t, 8, pa.list_(pa.float32(), 8)), "dimension_changed"),
    "dimension of lists": (lambda t: _of_dim(t, 8, pa.list_(pa.float64())), "dimension_changed"),
    "no vectors": (lambda t: t.drop_columns(["embedding"]), "schema_changed"),
    "vectors are numbers": (lambda t: _vectors(t, pa.array([1.0] * len(t))), "schema_changed"),
    "vectors are words": (lambda t: _vectors(t, pa.array(["no"] * len(t))), "schema_changed"),
    "time renamed": (lambda t: _renamed(t, "at"), "schema_changed"),
    "entity renamed": (lambda t: _renamed(t, "user"), "schema_changed"),
    "time without a zone": (lambda t: _cast(t, "at", pa.timestamp("us")), "schema_changed"),
    "time is words": (lambda t: _filled(t, "at", "soon"), "schema_changed"),
    "time is null": (
        lambda t: _cast(_filled(t, "at", None), "at", pa.timestamp("us", "UTC")),
        "schema_changed",
    ),
    "text is a list": (lambda t: _filled(t, "text", ["a", "b"]), "schema_changed"),
    "float64": (lambda t: _vectors(t, pc.cast(t["embedding"], pa.list_(pa.float64(), 16))), None),
    "another column more": (lambda t: t.append_column("more", pa.array([1] * len(t))), None),
    "entity by number": (lambda t: _filled(t, "user", 7), None),
    "ids by number": (lambda t: _filled(t, "id", 7), None),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_what_kind_of_change_it_is(monitor: Monitor, saved: Save, name: str) -> None:
    """The file is passed over under its event's name, or it is read; the others are read."""
    changed, word = VARIANTS[name]
    rows = traffic(3, rows=40)
    saved(rows.slice(0, 40), "in/b.parquet")
    ingested(monitor.workspace, SETTINGS)
    path = saved(changed(rows.slice(40, 40)), "in/a.parquet")
    saved(rows.slice(80, 40), "in/d.parquet")
    found = ingested(monitor.workspace, SETTINGS)
    assert [event(error) for error in found.changed] == ([word] if word else [])
    assert [path in said for said in found.unread] == ([True] if word else [])
    assert (found.rows, found.failure) == (40 if word else 80, None)


def test_workers_leave_it_to_be_told(tmp_path: Path, saved: Save) -> None:
    """A change is found with Dask as without, also in the first file of all."""
    changed, word = VARIANTS["dimension of lists"]
    rows = traffic(4, rows=40)
    saved(_renamed(rows.slice(0, 40), "at"), "in/a.parquet")
    for day, letter in enumerate("bcd", start=1):
        table = rows.slice(40 * day, 40)
        saved(changed(table) if letter == "c" else table, f"in/{letter}.parquet")
    workspace = Monitor(Config(root=tmp_path, engine=EngineSettings(kind="dask"))).workspace
    found = ingested(workspace, SETTINGS)
    assert found.rows == 80
    assert [event(error) for error in found.changed] == ["schema_changed", word]


@pytest.mark.parametrize(
    ("name", "word", "severity"),
    [("dimension", "dimension_changed", "critical"), ("time renamed", "schema_changed", "warning")],
)
def test_it_is_an_alert_of_its_own_and_not_drift(
    tmp_path: Path, saved: Save, name: str, word: str, severity: str
) -> None:
    """Told once, in the run's answer and by `status`; the other windows are judged, and say so when
    they drift; over when no such file is left."""
    rows = traffic(DAYS + 1, rows=60, surge=range(DAYS - 1, DAYS))
    saved(rows.slice(0, 60 * DAYS), "in/a.parquet")
    bad = Path(saved(VARIANTS[name][0](rows.slice(60 * DAYS)), "in/b.parquet"))
    config = Config(
        root=tmp_path,
        monitors={"m": SETTINGS},
        sinks={"book": SinkSettings(kind="jsonl", path="alerts.jsonl")},
        report=ReportSettings(map="none"),
    )
    now = FIRST_DAY + timedelta(days=DAYS)
    monitor = Monitor(config, now=lambda: now)
    answer = monitor.run()
    (turn,) = answer["monitors"]
    assert (answer["exit_code"], turn["windows"], turn["verdict"]) == (0, 3, "drift")
    (told,) = turn["events"]
    assert told["event"] == word and str(bad) in told["message"]
    assert turn["unread"] == [told["message"]]
    firing = {one["alert"]: one for one in monitor.status()["firing"]}
    assert set(firing) == {word, "embedding_drift"}
    assert (firing[word]["severity"], firing[word]["muted"]) == (severity, False)
    assert told["message"] in firing[word]["summary"]
    assert monitor.status()["monitors"][0]["state"] == "error"
    bad.unlink()
    later = Monitor(config, now=lambda: now + timedelta(hours=1))
    assert later.run()["monitors"][0]["events"] == []
    lines = [json.loads(line) for line in (tmp_path / "alerts.jsonl").read_text().splitlines()]
    said = [(one["labels"]["alertname"], one["state"]) for one in lines]
    assert set(said) == {("embedding_drift", "firing"), (word, "firing"), (word, "resolved")}
    assert len(said) == 3


def test_where_no_file_can_be_taken_the_turn_fails(tmp_path: Path, saved: Save) -> None:
    """The message is that of the file, with its hint, the first time and later."""
    rows = traffic(2, rows=40)
    saved(_renamed(rows.slice(0, 40), "at"), "in/a.parquet")
    monitor = Monitor(Config(root=tmp_path, monitors={"m": SETTINGS}))
    (turn,) = monitor.run()["monitors"]
    wanted = f"{tmp_path}/in/a.parquet has no column 'at'"
    assert (turn["error"], turn["hint"][:22]) == (wanted, "did you mean 'at_2'? i")
    saved(rows.slice(0, 40), "in/a.parquet")
    monitor.run()
    saved(_of_dim(rows.slice(0, 40), 8, pa.list_(pa.float32(), 8)), "in/a.parquet")
    answer = monitor.run()
    (turn,) = answer["monitors"]
    wanted = f"{tmp_path}/in/a.parquet holds vectors of dimension 8, space 'q' has 16"
    assert (answer["exit_code"], turn["error"]) == (1, wanted)
    assert turn["events"] == [{"event": "dimension_changed", "message": wanted}]
    firing = {one["alert"]: one["muted"] for one in monitor.status()["firing"]}
    assert firing["dimension_changed"] is False and "monitor_error" not in firing
