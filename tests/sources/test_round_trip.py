"""Every format, shape and type gives back the rows that were written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import monitor
from monitor.batch import ROW_NULL, ROW_OK
from monitor.sources import Columns, open_source
from tests.sources import samples

NAMES = ("float16", "float32", "float64", "int8", "int64")
COLUMNS = Columns(at="ts", entity="who", text="words", keep=("price",))

WRITERS: dict[str, Callable[[pa.Table, Path], Path]] = {
    "parquet": samples.write_parquet,
    "arrow": samples.write_arrow,
    "arrows": lambda table, path: samples.write_arrow(table, path, stream=True),
    "zstd.arrow": lambda table, path: samples.write_arrow(table, path, compression="zstd"),
}


def check(source: object, table: pa.Table, vectors: np.ndarray, rows: int = 8192) -> None:
    """Assert that the source gives the rows of `samples.table`."""
    found = samples.read(open_source(source, COLUMNS), rows)
    np.testing.assert_array_equal(found["vectors"], vectors.astype(np.float32))
    assert found["vectors"].dtype == np.float32
    assert set(found["status"]) == {0}
    assert found["ids"] == table["id"].to_pylist()
    assert found["at"] == samples.stamps().tolist()
    assert found["entities"] == found["columns"]["who"] == table["who"].to_pylist()
    assert found["columns"]["words"] == table["words"].to_pylist()
    assert [float(x) for x in found["columns"]["price"]] == table["price"].to_pylist()


@pytest.mark.parametrize("kind", samples.NUMBERS, ids=str)
@pytest.mark.parametrize("shape", samples.SHAPES)
@pytest.mark.parametrize("ending", [*WRITERS])
def test_typed_files(ending: str, shape: str, kind: pa.DataType, tmp_path: Path) -> None:
    """Files with types: every shape and type of vector, ids, times and columns."""
    table = samples.table(kind, shape)
    path = WRITERS[ending](table, tmp_path / f"items.{ending}")
    check(path, table, samples.values(kind), rows=10)


@pytest.mark.parametrize("kind", samples.NUMBERS, ids=str)
@pytest.mark.parametrize("shape", samples.SHAPES)
def test_memory(shape: str, kind: pa.DataType) -> None:
    """Tables in memory, whole and as a slice."""
    table = samples.table(kind, shape)
    check(table, table, samples.values(kind))
    ahead = pa.concat_tables([table.slice(20), table]).combine_chunks()
    check(ahead.slice(3), table, samples.values(kind), rows=10)


@pytest.mark.parametrize("shape", ["fixed", "wide"])
@pytest.mark.parametrize("kind", [pa.float32(), pa.int8()], ids=str)
@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_texts(ending: str, kind: pa.DataType, shape: str, tmp_path: Path) -> None:
    """CSV and JSON lines, with a list a row or a column a dimension."""
    table = samples.table(kind, shape)
    write = {"csv": samples.write_csv, "jsonl": samples.write_jsonl}[ending]
    check(write(table, tmp_path / f"items.{ending}"), table, samples.values(kind), rows=10)


def as_floats(table: pa.Table, vectors: np.ndarray, *, spelled: bool) -> pa.Table:
    """The table with the bytes of float32 for vectors, or their base64; the first is null, the
    second is no vector, the third holds NaN and the fourth is zero."""
    vectors = vectors.astype("<f4")
    vectors[2, 1], vectors[3] = np.nan, 0
    raw = [row.tobytes() for row in vectors]
    column = [base64.b64encode(row).decode() for row in raw] if spelled else raw
    column[:2] = [None, "soup of the day!" if spelled else b"soup!"]
    return table.set_column(table.schema.get_field_index("embedding"), "embedding", [column])


@pytest.mark.parametrize(("ending", "spelled"), [("parquet", 0), ("parquet", 1), ("jsonl", 1)])
def test_bytes_of_floats(ending: str, spelled: bool, tmp_path: Path) -> None:
    """As NumPy's `tobytes` and the base64 of web interfaces write them."""
    path, vectors = tmp_path / f"items.{ending}", samples.values()
    table = as_floats(samples.table(), vectors, spelled=spelled)
    write = {"parquet": samples.write_parquet, "jsonl": samples.write_jsonl}[ending]
    found = samples.read(open_source(write(table, path), COLUMNS), 10)
    np.testing.assert_array_equal(found["vectors"][4:], vectors[4:])
    assert np.isnan(found["vectors"][2, 1]) and not found["vectors"][3].any()
    assert found["status"] == [ROW_NULL, ROW_NULL] + [ROW_OK] * (samples.N - 2)


def test_the_type_of_vectors_changes_no_answer() -> None:
    """The same numbers in halves, floats, doubles, integers, bytes or text."""
    rng = np.random.default_rng(0)
    drawn = (np.rint(40 * rng.normal(shift, 1, (400, 6))) for shift in (0, 0.2))
    sides = [side.clip(-127, 127) + 0.0 for side in drawn]  # integers know no -0
    kinds: dict[str, Callable[[np.ndarray], Any]] = {
        **{name: lambda x, name=name: list(x.astype(name)) for name in NAMES},
        "bytes": lambda x: [row.astype("<f4").tobytes() for row in x],
        "base64": lambda x: [base64.b64encode(row.astype("<f4")).decode() for row in x],
        "JSON": lambda x: [json.dumps(row.tolist()) for row in x],
    }
    found = {}
    for name, column in kinds.items():
        tables = [pa.table({"embedding": column(side)}) for side in sides]
        drift = monitor.drift(*tables).to_dict()
        found[name] = [drift["score"], *drift["metrics"].values()]
    for name, numbers in found.items():
        np.testing.assert_allclose(numbers, found["float32"], rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("pack", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", samples.NUMBERS, ids=str)
def test_npz(kind: pa.DataType, order: str, pack: Callable[..., None], tmp_path: Path) -> None:
    """Arrays beside the vectors become ids, times and columns."""
    table = samples.table(kind)
    vectors = np.asarray(samples.values(kind), order=order)
    beside = {name: table[name].to_numpy() for name in ("who", "words")}
    texts = {name: np.array(found.tolist()) for name, found in beside.items()}
    ids = np.array(table["id"].to_pylist())
    times = np.datetime_as_string(samples.stamps(), timezone="UTC")
    path = tmp_path / "items.npz"
    pack(path, embeddings=vectors, ids=ids, ts=times, price=table["price"].to_numpy(), **texts)
    check(path, table, samples.values(kind), rows=10)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("kind", ["f2", "f4", "f8", ">f4", "i1", "u1", "i8"])
def test_npy(kind: str, order: str, tmp_path: Path) -> None:
    """One array, in either order of memory and of bytes."""
    vectors = np.asarray(samples.values().astype(kind), order=order)
    np.save(tmp_path / "items.npy", vectors)
    for source in (tmp_path / "items.npy", vectors):
        found = samples.read(open_source(source), rows=10)
        np.testing.assert_array_equal(found["vectors"], vectors.astype("f4"))
        assert found["ids"] == []


def test_batches_do_not_depend_on_the_layout(tmp_path: Path) -> None:
    """The same rows come in the same batches, whatever the row groups and files."""
    table = samples.table()
    whole = samples.write_parquet(table, tmp_path / "whole.parquet", group=100)
    groups = samples.write_parquet(table, tmp_path / "groups.parquet", group=3)
    for number, start in enumerate((0, 2, 3, 16)):
        stop = (2, 3, 16, 23)[number]
        samples.write_parquet(table.slice(start, stop - start), tmp_path / f"part-{number}.parquet")
    sources = [open_source(w, COLUMNS) for w in (whole, groups, str(tmp_path / "part-*"), table)]
    for rows in (1, 5, 23, 100):
        sizes = [[len(batch) for batch in source.batches(rows)] for source in sources]
        full, rest = divmod(samples.N, rows)
        assert sizes == [[rows] * full + [rest] * (rest > 0)] * len(sources)
    first = [next(iter(source.batches(5))) for source in sources]
    for batch in first:
        np.testing.assert_array_equal(batch.vectors, samples.values()[:5])
        assert batch.ids.equals(table["id"].combine_chunks()[:5])
        assert batch.columns["words"].to_pylist() == table["words"].to_pylist()[:5]


def test_each_reading_is_anew(tmp_path: Path) -> None:
    """A second reading, and one begun while another is under way, start at the first row."""
    source = open_source(samples.write_csv(samples.table(), tmp_path / "items.csv"))
    one = source.batches(10)
    next(one)
    assert samples.read(source)["ids"] == [f"row-{i:03}" for i in range(samples.N)]
    assert [len(batch) for batch in one] == [10, 3]


def test_float32_is_not_copied() -> None:
    """A batch of a float32 table is a view of its memory."""
    vectors = samples.values()
    batch = next(iter(open_source(vectors).batches()))
    assert np.shares_memory(batch.vectors, vectors)
