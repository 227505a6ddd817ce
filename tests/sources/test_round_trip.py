"""Every format, shape and type gives back the rows that were written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from monitor.sources import Columns, open_source
from tests.sources import samples

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
