"""Traffic into windows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitor.errors import DimensionError, SourceError, UsageError
from monitor.pipeline import Monitor, windowing
from monitor.pipeline.references import window_profile
from monitor.sources import Columns

from .conftest import COLUMNS, stored_bytes, traffic

Save = Callable[[pa.Table, str], str]


def test_each_day_becomes_a_window(monitor: Monitor, saved: Save) -> None:
    """Ten days of rows are ten windows that hold every row."""
    answer = monitor.ingest("s", saved(traffic(10), "a.parquet"), COLUMNS)
    assert [w["rows"] for w in answer["windows"]] == [160] * 10
    assert answer["windows"][0]["start"] == "2026-08-24T00:00:00Z"
    assert answer["rows"] == 1600


def test_the_same_file_twice_changes_nothing(monitor: Monitor, saved: Save) -> None:
    """A file that was ingested is known again, also under another name."""
    path = saved(traffic(5), "a.parquet")
    monitor.ingest("s", path, COLUMNS)
    before = stored_bytes(monitor, "s")
    assert monitor.ingest("s", path, COLUMNS)["already_ingested"]
    copy = monitor.ingest("s", saved(traffic(5), "b.parquet"), COLUMNS)
    assert [w["changed"] for w in copy["windows"]] == [False] * 5
    assert stored_bytes(monitor, "s") == before


def test_late_rows_are_merged_into_their_window(monitor: Monitor, saved: Save) -> None:
    """Rows of an old day in a new file join that day, and only that day."""
    table = traffic(5)
    late = pc.equal(pc.field("id"), "q2-0") | pc.equal(pc.field("id"), "q2-1")
    monitor.ingest("s", saved(table.filter(~late), "a.parquet"), COLUMNS)
    answer = monitor.ingest("s", saved(table.filter(late), "late.parquet"), COLUMNS)
    assert [w["start"] for w in answer["windows"]] == ["2026-08-26T00:00:00Z"]
    assert [rows for _, rows, _ in stored_bytes(monitor, "s")] == [160] * 5


def test_a_file_that_grew_replaces_what_it_held(monitor: Monitor, saved: Save) -> None:
    """Reading a longer file at the same path again counts no row twice."""
    table = traffic(4)
    monitor.ingest("s", saved(table.slice(0, 500), "a.parquet"), COLUMNS)
    monitor.ingest("s", saved(table, "a.parquet"), COLUMNS)
    assert [rows for _, rows, _ in stored_bytes(monitor, "s")] == [160] * 4


def test_the_order_of_rows_does_not_matter(
    monitor: Monitor, saved: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shuffled rows, with windows waiting on disk, give the windows of sorted rows."""
    table = traffic(9)
    monitor.ingest("sorted", saved(table, "a.parquet"), COLUMNS)
    monkeypatch.setattr(windowing, "OPEN_WINDOWS", 2)
    order = np.random.default_rng(1).permutation(table.num_rows)
    monitor.ingest("shuffled", saved(table.take(pa.array(order)), "b.parquet"), COLUMNS)
    assert stored_bytes(monitor, "sorted") == stored_bytes(monitor, "shuffled")


def test_bad_rows_are_counted_and_move_nothing_else(monitor: Monitor, saved: Save) -> None:
    """A NaN row, a zero row and a null row are set aside; the window's other rows are as before."""
    table = traffic(1)
    vectors = table["embedding"].to_pylist()
    vectors[0], vectors[1], vectors[2] = [float("nan")] * 16, [0.0] * 16, None
    kind = table.schema.field("embedding").type
    at = table.schema.get_field_index("embedding")
    broken = table.set_column(at, "embedding", pa.array(vectors, kind))
    monitor.ingest("bad", saved(broken, "bad.parquet"), COLUMNS)
    monitor.ingest("rest", saved(table.slice(3), "rest.parquet"), COLUMNS)
    found = {}
    for space in ("bad", "rest"):
        basis_id = monitor.workspace.basis(space).id
        (stored,) = monitor.workspace.store.windows(space, basis_id)
        found[space] = window_profile(monitor.workspace, stored)
    counts = found["bad"].quality.to_dict()
    assert counts == {"rows": 160, "null": 1, "wrong_dim": 0, "nan": 1, "inf": 0, "zero": 1}
    assert found["bad"].basis_id == found["rest"].basis_id
    assert (found["bad"].features.total == found["rest"].features.total).all()


def test_naive_times_are_refused_until_a_zone_is_named(monitor: Monitor, saved: Save) -> None:
    """Times without a zone are nobody's times; with --timezone they are that zone's."""
    table = traffic(1)
    naive = pc.cast(table["at"], pa.timestamp("us"))
    path = saved(table.set_column(1, "at", naive), "naive.parquet")
    with pytest.raises(SourceError) as caught:
        monitor.ingest("s", path, COLUMNS)
    assert "--timezone" in caught.value.hint
    berlin = Columns(at="at", entity="user", timezone="Europe/Berlin")
    answer = monitor.ingest("s", path, berlin)
    assert answer["windows"][0]["start"] == "2026-08-23T00:00:00Z"


def test_another_dimension_is_refused(monitor: Monitor, saved: Save) -> None:
    """A space keeps the dimension of its first traffic."""
    monitor.ingest("s", saved(traffic(2), "a.parquet"), COLUMNS)
    other = pa.table(
        {
            "at": traffic(1)["at"].slice(0, 20),
            "user": traffic(1)["user"].slice(0, 20),
            "embedding": pa.array([[1.0, 2.0]] * 20, pa.list_(pa.float32(), 2)),
        }
    )
    path = saved(other, "b.parquet")
    with pytest.raises(DimensionError) as caught:
        monitor.ingest("s", path, Columns(at="at", entity="user"))
    assert caught.value.message == f"{path} holds vectors of dimension 2, space 's' has 16"


def test_another_entity_column_is_refused(monitor: Monitor, saved: Save) -> None:
    """Windows kept by user cannot be mixed with windows kept by country."""
    monitor.ingest("s", saved(traffic(2), "a.parquet"), COLUMNS)
    with pytest.raises(UsageError) as caught:
        monitor.ingest("s", saved(traffic(3), "b.parquet"), Columns(at="at", entity="country"))
    assert caught.value.message == "the windows of 's' are kept by entity 'user', not 'country'"


def test_windows_of_another_length_are_refused(
    monitor: Monitor, saved: Save, tmp_path: Path
) -> None:
    """Neither a budget by days nor the day before a window could be counted in a mixture."""
    first, second = saved(traffic(2), "a.parquet"), saved(traffic(4), "b.parquet")
    monitor.ingest("s", first, COLUMNS)
    said = "the windows of 's' are 1d long, not 1h"
    for asked in (monitor.ingest, partial(monitor.profile, out=tmp_path / "b.zip")):
        with pytest.raises(UsageError) as caught:
            asked("s", second, COLUMNS, every="1h")
        assert caught.value.message == said
    assert caught.value.hint == "keep to 1d; windows of another length need a space of their own"
