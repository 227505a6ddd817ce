"""SQLite and DuckDB files."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from monitor.sources import duckdb as duckdb_files
from monitor.sources import sqlite as sqlite_files
from monitor.sources.nouns import File
from tests.sources import samples

VECTORS = samples.values()
IDS = [f"row-{i:03}" for i in range(samples.N)]


@pytest.fixture
def shop(here: Path) -> str:
    """A SQLite file: vectors as bytes and as text, and a second table."""
    with sqlite3.connect("shop.db") as connection:
        connection.execute("CREATE TABLE items (id TEXT, vec BLOB, price REAL, words TEXT)")
        rows = [
            (name, row.astype("<f4").tobytes(), i / 4, json.dumps(row.tolist()))
            for i, (name, row) in enumerate(zip(IDS, VECTORS, strict=True))
        ]
        connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?)", rows)
        connection.execute("CREATE TABLE other (a)")
    connection.close()
    return "shop.db"


@pytest.fixture
def lake(here: Path) -> str:
    """A DuckDB file of one table."""
    table = samples.table()
    with duckdb.connect("lake.duckdb") as connection:
        connection.register("found", table)
        connection.execute("CREATE TABLE items AS SELECT * FROM found")
    return "lake.duckdb"


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


def test_sqlite(shop: str) -> None:
    """A table with vectors as bytes, and a query that gives them as text."""
    source = open_source(f"{shop}?table=items", Columns(keep=("price",)))
    found = samples.read(source, rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == IDS
    assert found["columns"]["price"] == [i / 4 for i in range(samples.N)]
    query = f"{shop}?query=SELECT id, words AS v FROM items WHERE price < 2 ORDER BY id DESC;"
    found = samples.read(open_source(query, Columns(vector="v")))
    np.testing.assert_array_equal(found["vectors"], VECTORS[:8][::-1])
    assert found["ids"] == IDS[:8][::-1]


def test_bytes_that_are_no_vector(shop: str) -> None:
    """Nulls and half numbers are rows without a vector, and shift no other."""
    with sqlite3.connect(shop) as connection:
        connection.execute("UPDATE items SET vec = NULL WHERE id = 'row-003'")
        connection.execute("UPDATE items SET vec = x'000000' WHERE id = 'row-004'")
        connection.execute("UPDATE items SET vec = x'00000000' WHERE id = 'row-005'")
    connection.close()
    found = samples.read(open_source(f"{shop}?table=items"))
    assert found["status"] == [0] * 3 + [1, 1, 2] + [0] * 17
    np.testing.assert_array_equal(found["vectors"][6:], VECTORS[6:])


def test_the_digest_is_of_the_rows(shop: str) -> None:
    """Another file with the same rows is the same content; another row is not."""
    before = open_source(f"{shop}?table=items").digest()
    with sqlite3.connect(shop) as connection:
        connection.execute("DROP TABLE other")
    assert open_source(shop).digest() == before
    with sqlite3.connect(shop) as connection:
        connection.execute("DELETE FROM items WHERE id = 'row-022'")
    connection.close()
    assert open_source(shop).digest() != before


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("DROP TABLE items", "not authorized"),
        ("ATTACH 'x.db' AS x", "not authorized"),
        ("PRAGMA journal_mode = DELETE", "not authorized"),
        ("SELECT 1; DROP TABLE items", "You can only execute one statement at a time."),
        ("SELECT * FROM absent", "no such table: absent"),
    ],
)
def test_queries_to_sqlite_that_do_more_than_read(shop: str, query: str, reason: str) -> None:
    """They are refused by the database, and nothing is changed."""
    before = Path(shop).read_bytes()
    assert refusal(f"{shop}?query={query}") == (
        f"{shop} refuses: {reason} | check the file and the query; it may only read this database"
    )
    assert Path(shop).read_bytes() == before
    assert sorted(map(str, Path().iterdir())) == [shop]


def test_which_table(shop: str) -> None:
    """Where several tables could be meant, they are listed."""
    listed = "name one with ?table=NAME; it has: items, other"
    assert refusal(shop) == f"{shop} has several tables | {listed}"
    assert refusal(f"{shop}?table=it'ems") == f'{shop} has no table "it\'ems" | {listed}'
    assert refusal(f"{shop}#items") == (
        f"{shop} is of format sqlite, behind which #items means nothing | "
        "behind its path may stand: ?table=, ?query="
    )


def test_damaged_sqlite(shop: str) -> None:
    """A file cut short names itself."""
    Path(shop).write_bytes(Path(shop).read_bytes()[:1000])
    assert refusal(shop).startswith(f"{shop} refuses: ")


def test_duckdb(lake: str) -> None:
    """The only table, and a query."""
    columns = Columns(at="ts", entity="who", text="words")
    found = samples.read(open_source(lake, columns), rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == IDS
    assert found["at"] == samples.stamps().tolist()
    query = f"{lake}?query=SELECT id, embedding FROM items WHERE price < 2 ORDER BY id DESC"
    assert samples.read(open_source(query))["ids"] == IDS[:8][::-1]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('secret.csv')",
        "SELECT 1) ; DROP TABLE items; --",
        "COPY items TO 'out.parquet'",
        "ATTACH 'x.duckdb' AS x",
    ],
)
def test_queries_to_duckdb_that_do_more_than_read(lake: str, query: str) -> None:
    """They can neither read other files nor write any."""
    Path("secret.csv").write_text("id,a0,a1\nx,1,2\n")
    assert refusal(f"{lake}?query={query}").startswith(f"{lake} refuses: ")
    assert sorted(map(str, Path().iterdir())) == [lake, "secret.csv"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DROP TABLE items", "Cannot execute statement of type"),
        ("SET enable_external_access = true", "Cannot "),
        ("SET memory_limit = '100GB'", "Cannot change configuration option"),
    ],
)
def test_a_connection_to_duckdb_only_reads(lake: str, statement: str, reason: str) -> None:
    """Whatever came through: the file is open for reading, and its limits are locked."""
    file = File(Path(lake), lake)
    asks = replace(file, options=(("query", "SELECT 1"),))
    with duckdb_files._opened(asks) as connection:
        asked = connection.execute("SELECT current_setting('memory_limit')")
        assert asked.fetchall() == [("953.6 MiB",)]
    with pytest.raises(SourceError, match=reason), duckdb_files._opened(file) as connection:
        asked = connection.execute("SELECT current_setting('memory_limit')")
        assert asked.fetchall() == [("122.0 MiB",)]
        connection.execute(statement)


def test_a_connection_to_sqlite_only_reads(shop: str) -> None:
    """Even where nobody would judge the statements."""
    with (
        pytest.raises(SourceError, match="attempt to write a readonly database"),
        sqlite_files._opened(File(Path(shop), shop)) as connection,
    ):
        connection.set_authorizer(None)
        connection.execute("DROP TABLE items")


def test_damaged_duckdb(lake: str) -> None:
    """A file with flipped bytes names itself."""
    raw = bytearray(Path(lake).read_bytes())
    raw[20:4000] = b"\xff" * 3980
    Path(lake).write_bytes(raw)
    assert refusal(lake).startswith(f"{lake} refuses: ")
