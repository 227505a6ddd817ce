"""What is new in the source of a monitor."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.fs
import pyarrow.parquet as pq
import pytest

from monitor.config import Config, EngineSettings, MonitorSettings, SpaceSettings
from monitor.pipeline import Monitor, ingestion
from monitor.pipeline.arrivals import ingested, stamp_of
from monitor.pipeline.spreading import Arrived
from tests.pipeline.conftest import traffic
from tests.s3 import Server

SETTINGS = MonitorSettings(space="q", source="days/*.parquet", at="at", entity="user")


def test_a_file_that_was_read_is_not_opened_again(
    monitor: Monitor, saved: Callable[[pa.Table, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year of hourly files costs a run a look at their dates; a touched file is read once."""
    rows, opened, workspace = traffic(4, rows=40), list[str](), monitor.workspace
    paths = [saved(rows.slice(40 * day, 40), f"days/{day}.parquet") for day in range(3)]
    assert ingested(workspace, SETTINGS) == Arrived(120)
    really = ingestion.open_source

    def noted(what: Any, columns: Any) -> Any:
        opened.append(what)
        return really(what, columns)

    monkeypatch.setattr(ingestion, "open_source", noted)
    assert (ingested(workspace, SETTINGS), opened) == (Arrived(), [])
    os.utime(paths[1])
    for _ in range(2):
        assert (ingested(workspace, SETTINGS), opened) == (Arrived(), paths[1:2])
    saved(rows.slice(120, 40), "days/0.parquet")
    assert ingested(workspace, SETTINGS) == Arrived(40)
    assert opened == [paths[1], paths[0]]


def test_an_object_that_was_read_is_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3_writer: Server
) -> None:
    """Its store tells size and time: to the second, so the first look back still fetches what was
    only just written."""
    s3_writer.make_bucket("arrivals")
    store = pyarrow.fs.S3FileSystem(endpoint_override=s3_writer.url, region="us-east-1")
    rows, opened = traffic(3, rows=40), list[str]()

    def put(day: int, table: pa.Table) -> str:
        pq.write_table(table, f"arrivals/{day}.parquet", filesystem=store)
        return f"s3://arrivals/{day}.parquet"

    paths = [put(day, rows.slice(40 * day, 40)) for day in range(2)]
    clock = [datetime.now(UTC)]
    workspace = Monitor(Config(root=tmp_path), now=lambda: clock[0]).workspace
    settings = SETTINGS.model_copy(update={"source": "s3://arrivals/*.parquet"})
    really = ingestion.open_source

    def noted(what: Any, columns: Any) -> Any:
        opened.append(what)
        return really(what, columns)

    monkeypatch.setattr(ingestion, "open_source", noted)
    assert ingested(workspace, settings) == Arrived(80)
    clock[0] += timedelta(hours=1)
    for _ in range(2):
        assert (ingested(workspace, settings), opened) == (Arrived(), 2 * paths)
    time.sleep(1)
    put(1, rows.slice(80, 40))
    clock[0] += timedelta(hours=1)
    assert ingested(workspace, settings) == Arrived(40)
    assert opened == [*paths, *paths, paths[1]]


def test_a_file_that_cannot_be_read_is_tried_each_time(
    monitor: Monitor, saved: Callable[[pa.Table, str], str], tmp_path: Path
) -> None:
    """It may be finished by then, to the byte as large as it was."""
    rows = traffic(2, rows=40)
    saved(rows.slice(0, 40), "days/0.parquet")
    whole = Path(saved(rows.slice(40, 40), "whole.parquet")).read_bytes()
    late = tmp_path / "days" / "1.parquet"
    late.write_bytes(whole[:-4] + b"half")
    for _ in range(2):
        assert len(ingested(monitor.workspace, SETTINGS).unread) == 1
    late.write_bytes(whole)
    assert ingested(monitor.workspace, SETTINGS) == Arrived(40)


def test_the_log_of_a_database_is_part_of_its_stamp(tmp_path: Path) -> None:
    """SQLite and DuckDB write new rows beside their file first; a folder has no stamp."""
    path = tmp_path / "rows.db"
    path.write_bytes(b"rows")
    found = [stamp_of(str(path))]
    for name in ("rows.db-wal", "rows.db.wal"):
        (tmp_path / name).write_bytes(b"more")
        found.append(stamp_of(str(path)))
    assert len(set(found)) == 3
    assert stamp_of(str(tmp_path)) == stamp_of(str(tmp_path / "none")) == ""


@pytest.mark.parametrize("kind", ["local", "dask"])
def test_a_run_tells_vectors_that_break_their_contract(
    tmp_path: Path, saved: Callable[[pa.Table, str], str], kind: str
) -> None:
    """Of every file that came, read here or by a worker."""
    for day in range(2):
        saved(traffic(1, rows=40, seed=day), f"days/{day}.parquet")
    config = Config(
        root=tmp_path,
        spaces={"q": SpaceSettings(normalised=True)},
        monitors={"m": SETTINGS},
        engine=EngineSettings(kind=kind),  # type: ignore[arg-type]
    )
    monitor = Monitor(config)
    assert monitor.run()["warnings"] == [
        f"{tmp_path}/days/{day}.parquet: 40 vectors are not of unit length, as 'q' declares them"
        for day in range(2)
    ]
    assert monitor.run()["warnings"] == []
