"""Layouts, dimensions, and tables that do or do not belong together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import DimensionError, MonitorError, SourceError, UsageError
from monitor.sources import Columns, open_source
from monitor.sources.layout import runs
from tests.sources import samples

LISTS = pa.array([[1.0, 2.0]])
SHOWN = "its columns: "


def refusal(what: Any, columns: Columns, dim: int | None = None) -> str:
    """Why a source is refused."""
    with pytest.raises(MonitorError) as caught:
        open_source(what, columns, dim=dim)
    return samples.said(caught.value)


def vectors(table: dict[str, Any], vector: str | None = None) -> list[list[float]]:
    """The vectors that are found in a table."""
    source = open_source(pa.table(table), Columns(vector=vector))
    found: list[list[float]] = samples.read(source)["vectors"].tolist()
    return found


def test_which_column_is_the_vectors() -> None:
    """The only list, else a usual name, else columns that count up."""
    assert vectors({"x": LISTS, "e0": [5], "e1": [6]}) == [[1, 2]]
    assert vectors({"x": LISTS, "Vector": pa.array([[3]])}) == [[3]]
    assert vectors({"embedding": ["[1, 2]"], "n": [7]}) == [[1, 2]]
    assert vectors({"e_01": [6], "e_00": [5], "year2020": [1], "e_x": [9]}) == [[5, 6]]
    assert vectors({"1": [5], "2": [6]}) == [[5, 6]]
    assert vectors({"a0": [1], "a1": [2], "b1": [3], "b2": [4]}, "b") == [[3, 4]]
    assert vectors({"x": LISTS, "e0": [5], "e1": [6]}, "e") == [[5, 6]]
    assert vectors({"t": ["[1, 2]"], "e0": [5], "e1": [6]}, "t") == [[1, 2]]


def test_which_column_is_the_ids() -> None:
    """`id` in any case; of items also the only one named like an id, whatever is kept of them."""

    def ids(names: list[str], columns: Columns) -> list[str] | None:
        source = open_source(pa.table({"x": LISTS, **{n: [n] for n in names}}), columns)
        found = next(iter(source.batches())).ids
        return None if found is None else found.to_pylist()

    all_kept = Columns(keep=("*",), items=True)
    assert ids(["doc_id", "ID"], Columns()) == ids(["doc_id", "ID"], all_kept) == ["ID"]
    assert ids(["doc_id"], Columns()) is None
    assert ids(["doc_id", "paid"], all_kept) == ["doc_id"]
    assert ids(["itemId", "grid"], all_kept) == ["itemId"]
    assert ids(["doc_id", "cat"], Columns(keep=("cat",), items=True)) == ["doc_id"]
    assert ids(["grid", "monkey"], all_kept) is None
    assert ids(["user_id", "doc_id"], Columns(entity="user_id", items=True)) == ["doc_id"]
    table = pa.table({"x": LISTS, "doc_id": [1], "uuid": ["a"]})
    assert refusal(table, all_kept) == (
        "in-memory Table has several columns that may be the items' ids: 'doc_id', 'uuid' | "
        "name it with --id NAME; " + SHOWN + "x (list<item: double>), doc_id (int64), uuid (string)"
    )


def test_runs() -> None:
    """A run has no gaps, begins with 0 or 1, and has two columns or more."""
    assert runs(["a0", "a2", "b1", "c2", "c3", "d10", "d9"]) == {}
    assert runs([f"x{i}" for i in range(1, 12)]) == {"x": [f"x{i}" for i in range(1, 12)]}


@pytest.mark.parametrize(
    ("table", "columns", "message"),
    [
        (
            {"a": LISTS, "b": LISTS},
            Columns(),
            "in-memory Table has several columns that may be vectors | name it with --vector NAME; "
            "its columns: a (list<item: double>), b (list<item: double>)",
        ),
        (
            {"a": ["x"]},
            Columns(),
            "in-memory Table has no column of vectors | name it with --vector NAME; "
            "its columns: a (string)",
        ),
        (
            {"embedding": LISTS},
            Columns(vector="embeding"),
            "in-memory Table has no column 'embeding' | did you mean 'embedding'? "
            "its columns: embedding (list<item: double>)",
        ),
        (
            {"v": LISTS, "stamp\x1b": ["x"]},
            Columns(at="stmap"),
            "in-memory Table has no column 'stmap' | did you mean 'stamp\\x1b'? "
            "its columns: v (list<item: double>), stamp\\x1b (string)",
        ),
        (
            {"v": LISTS, "n": [1.5]},
            Columns(vector="n"),
            "'n' of in-memory Table is of type double, not a list of numbers | "
            "name another column with --vector; its columns: v (list<item: double>), n (double)",
        ),
        (
            {"v": LISTS, "x": [{"a": 1}]},
            Columns(keep=("x",)),
            "'x' of in-memory Table is of type struct<a: int64>, not of single values | "
            "only the vector column may hold lists",
        ),
        (
            {"v": LISTS, "n": [1]},
            Columns(at="n"),
            "'n' of in-memory Table is of type int64, which is no time | "
            "write times as timestamps or as ISO 8601 text such as 2026-11-20T09:00:00Z",
        ),
        (
            {"v": LISTS, "t": ["pizza"]},
            Columns(at="t"),
            "'t' of in-memory Table holds no times: 'pizza' | "
            "write times as timestamps or as ISO 8601 text such as 2026-11-20T09:00:00Z",
        ),
        (
            {"v": LISTS, "t": ["2026-01-01"]},
            Columns(at="t"),
            "'t' of in-memory Table holds times without a time zone | "
            "--timezone UTC, or the zone they were written in, such as Europe/Berlin",
        ),
        (
            {"v": LISTS},
            Columns(timezone="Mars"),
            "'Mars' is not a time zone | write a name such as Europe/Berlin or UTC",
        ),
        (
            {"v": pa.array([None], pa.list_(pa.float32()))},
            Columns(),
            "in-memory Table holds no vectors: 'v' is null in every row | check how it was written",
        ),
    ],
    ids=range(11),
)
def test_refusals(table: dict[str, Any], columns: Columns, message: str) -> None:
    """All of it on opening, before a row is given out."""
    assert refusal(pa.table(table), columns) == message


def test_columns_named_twice_and_many_columns() -> None:
    """The first twenty are shown."""
    twice = pa.Table.from_arrays([LISTS, pa.array([1]), pa.array([2])], names=["v", "n", "n"])
    assert refusal(twice, Columns(id="n")) == (
        "in-memory Table has 2 columns named 'n' | rename all but one"
    )
    many = pa.table({f"c{i}x": [1] for i in range(25)})
    shown = ", ".join(f"c{i}x (int64)" for i in range(20))
    assert refusal(many, Columns()) == (
        "in-memory Table has no column of vectors | "
        f"name it with --vector NAME; its columns: {shown} and 5 more"
    )


def test_what_is_carried() -> None:
    """Entity and text whenever named, others as asked for; `*` is all but vectors and ids."""
    table = samples.table().append_column("tags", pa.array([["x"]] * samples.N))
    named = open_source(table, Columns(entity="who", text="words", keep=("price", "who")))
    assert list(samples.read(named)["columns"]) == ["who", "words", "price"]
    every = open_source(table, Columns(keep=("*",)))
    assert list(samples.read(every)["columns"]) == ["ts", "who", "words", "price"]
    both = open_source(table, Columns(text="words", keep=("who", "*")))
    assert list(samples.read(both)["columns"]) == ["words", "ts", "who", "price"]
    lists = open_source(table.drop(["id"]).append_column("id", table["embedding"]), Columns("id"))
    assert samples.read(lists)["ids"] == []
    assert samples.read(open_source(table))["columns"] == {}
    alone = open_source(table, Columns(id="who", keep=("*",)))
    assert list(samples.read(alone)["columns"]) == ["id", "ts", "words", "price"]


def test_the_dimension_of_ragged_lists() -> None:
    """What most of the first 8192 vectors have, or what is given."""
    rows = [[1.0]] * 3 + [None] * 5 + [[1.0, 2.0]] * 4 + [[]]
    table = pa.table({"v": pa.array(rows, pa.list_(pa.float32()))})
    source = open_source(table)
    assert source.dim == 2
    assert samples.read(source)["status"] == [2] * 3 + [1] * 5 + [0] * 4 + [2]
    assert samples.read(open_source(table, dim=1))["status"] == [0] * 3 + [1] * 5 + [2] * 5
    late = pa.array([[1.0]] * 8192 + [[1.0, 2.0]] * 9000)
    assert open_source(pa.table({"v": late})).dim == 1


@pytest.mark.parametrize("shape", ["fixed", "wide"])
def test_another_dimension_than_expected(shape: str) -> None:
    """Where the type states the dimension, another one is an error of its own kind."""
    table = samples.table(shape=shape)
    with pytest.raises(DimensionError) as caught:
        open_source(table, dim=384)
    assert samples.said(caught.value) == (
        "in-memory Table holds vectors of dimension 5, not 384 | "
        "name another column with --vector, or correct the dimension of the space"
    )
    assert open_source(table, dim=5).dim == 5


@pytest.mark.parametrize("shape", ["fixed", "list", "wide"])
@pytest.mark.parametrize("given", [None, 5])
def test_files_of_different_dimensions(given: int | None, shape: str, here: Path) -> None:
    """Both files are named, on opening."""
    table = samples.table(shape=shape)
    samples.write_parquet(table, here / "a.parquet")
    names = ("e3", "e4") if shape == "wide" else ("embedding",)
    other = table.drop(list(names))
    if shape != "wide":
        rows = samples.lists([[1, 2, 3]] * samples.N, pa.float32(), shape, 3)
        other = other.append_column("embedding", rows)
    samples.write_parquet(other, here / "b.parquet")
    with pytest.raises(DimensionError) as caught:
        open_source("*.parquet", dim=given)
    assert samples.said(caught.value) == (
        "a.parquet holds vectors of dimension 5 and b.parquet of dimension 3 | "
        "read them as two sources"
    )


def test_files_whose_columns_differ(here: Path) -> None:
    """Types may differ from file to file, named columns may not be missing."""
    table = samples.table()
    one = table.set_column(0, "id", pa.array(range(samples.N))).drop(["price", "words"])
    one = one.set_column(0, "price", pa.array(["cheap"] * samples.N)).append_column("id", one["id"])
    two = samples.table(pa.float16(), "list")
    samples.write_parquet(one, here / "a.parquet")
    samples.write_parquet(two, here / "b.parquet")
    source = open_source("*.parquet", Columns(keep=("*",)))
    found = samples.read(source, rows=30)
    assert found["ids"] == [str(i) for i in range(samples.N)] + table["id"].to_pylist()
    assert found["columns"]["price"][22:25] == ["cheap", "0", "0.25"]
    np.testing.assert_array_equal(found["vectors"], np.vstack([samples.values()] * 2))
    assert refusal("*.parquet", Columns(text="words")).startswith(
        "a.parquet has no column 'words' | "
    )
    back = open_source(str(here / "[ab].parquet"), Columns(id="id", keep=("*",)))
    assert back.warnings == []
    (here / "a.parquet").rename(here / "c.parquet")
    turned = open_source("*.parquet", Columns(keep=("*",)))
    assert turned.warnings == ["*.parquet: not in every file and left out: 'words'"]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_sources_without_rows(ending: str, here: Path) -> None:
    """No batch, and a dimension that is stated or given; else an error."""
    write = {"parquet": samples.write_parquet, "csv": samples.write_csv}[ending]
    for shape in ("fixed", "list"):
        path = write(samples.table(shape=shape, n=0), here / f"{shape}.{ending}")
        given = 5 if ending == "csv" or shape == "list" else None
        source = open_source(path, dim=given)
        assert (source.dim, source.rows, list(source.batches())) == (5, 0, [])
        assert source.warnings == [f"{path}: holds no rows"]
        assert source.digest().startswith("sha256:")
        if given:
            assert refusal(path, Columns()) == f"{path} holds no rows | check how it was written"
        else:
            assert "of dimension 5, not 7" in refusal(path, Columns(), dim=7)
        assert "no column 'user'" in refusal(path, Columns(entity="user"))


def test_an_empty_file_among_others(here: Path) -> None:
    """Its columns may have lost their types; it adds nothing."""
    samples.write_csv(samples.table(n=0), here / "a.csv")
    samples.write_csv(samples.table(), here / "b.csv")
    assert len(samples.read(open_source("*.csv"))["ids"]) == samples.N


def test_batches_of_no_rows() -> None:
    """Are a mistake."""
    with pytest.raises(UsageError) as caught:
        list(open_source(samples.table()).batches(0))
    assert samples.said(caught.value) == (
        "batches of 0 rows cannot be read | ask for 1 row or more"
    )


def test_warnings_are_those_of_the_last_reading() -> None:
    """Reading twice does not double them."""
    source = open_source(pa.table({"embedding": ["[1]", "x", "[2]"]}))
    for _ in range(2):
        list(source.batches(1))
        assert source.warnings == [
            "in-memory Table: 'embedding': 1 text not a list of numbers; they count as null vectors"
        ]


def test_a_file_that_shrinks_while_it_is_read(here: Path) -> None:
    """An error of the source, naming the file."""
    source = open_source(samples.write_parquet(samples.table(), here / "a.parquet"))
    (here / "a.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceError, match=r"^a\.parquet cannot be read: "):
        list(source.batches())
