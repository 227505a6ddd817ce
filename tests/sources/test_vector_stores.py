"""Vector databases in a folder, written by their own clients: Chroma and Milvus Lite."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import sys
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from milvus_lite import server_manager_instance
from pymilvus import DataType, MilvusClient

import monitor
from monitor.errors import MissingExtra, SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples

VECTORS = samples.values()
IDS = [f"row-{i:03}" for i in range(samples.N)]
TIMES = [f"{stamp}Z" for stamp in samples.stamps()]
KINDS = ["chroma", "milvus.db"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both databases: a collection `items` of the sample rows, and a small one beside it."""
    folder = tmp_path_factory.mktemp("stores")
    _write_chroma(str(folder / "chroma"))
    _write_milvus(str(folder / "milvus.db"))
    return folder


def _write_chroma(path: str) -> None:
    with chromadb.PersistentClient(path) as client:
        synced = {"hnsw": {"sync_threshold": 10, "batch_size": 5}}
        items = client.create_collection("items", configuration=synced, embedding_function=None)
        gone = {"ids": ["gone", IDS[3]], "embeddings": [[0.0] * 5] * 2}
        items.add(**gone)
        items.delete(ids=["gone"])
        extra = [{"ts": t, "price": i / 4, "id": f"own {i}"} for i, t in enumerate(TIMES)]
        texts = [f"räksmörgås {i}" for i in range(samples.N)]
        items.upsert(ids=IDS, embeddings=VECTORS, documents=texts, metadatas=extra)
        few = client.create_collection("few")  # with Chroma's own embedding function
        few.add(ids=["a", "b"], embeddings=[[1.0, 2.0], [3.0, 4.0]])


def _write_milvus(path: str) -> None:
    client = MilvusClient(path)
    schema = client.create_schema(enable_dynamic_field=True)
    schema.add_field("name", DataType.VARCHAR, is_primary=True, max_length=64)
    schema.add_field("embedding", DataType.FLOAT_VECTOR, dim=5)
    schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
    index = client.prepare_index_params()
    index.add_index("embedding", index_type="HNSW", metric_type="L2", M=8, efConstruction=40)
    index.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
    client.create_collection("items", schema=schema, index_params=index)
    rows = [
        {"name": n, "embedding": v, "ts": t, "price": i / 4, "document": f"räksmörgås {i}"}
        for i, (n, v, t) in enumerate(zip(IDS, VECTORS.tolist(), TIMES, strict=True))
    ]
    for row in rows:
        row["words"] = {1: 0.5}
    client.insert("items", [{**row, "embedding": [0.0] * 5} for row in rows[:4]])
    client.flush("items")
    client.insert("items", [{**rows[0], "name": "gone"}])
    client.delete("items", ids=["gone"])
    client.upsert("items", rows)
    client.create_collection("few", dimension=2)
    client.insert("few", [{"id": 7, "vector": [1.0, 2.0]}, {"id": 9, "vector": [3.0, 4.0]}])
    client.close()
    server_manager_instance.release_server(path)


@pytest.fixture
def stores(written: Path, here: Path) -> Path:
    """A copy of both in the working folder, to be read or damaged."""
    shutil.copytree(written, here, dirs_exist_ok=True)
    return here


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


def contents(folder: str) -> dict[Path, bytes]:
    """All files below a folder."""
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_a_collection_comes_back(kind: str, stores: Path) -> None:
    """Ids, times, columns, texts and vectors as last written; nothing of the folder changes."""
    before = contents(kind)
    columns = Columns(at="ts", text="document", keep=("*",))
    source = open_source(f"{kind}#items", columns)
    found = samples.read(source, rows=10)
    order = [IDS.index(name) for name in found["ids"]]
    assert sorted(order) == list(range(samples.N))
    np.testing.assert_array_equal(found["vectors"], VECTORS[order])
    assert found["at"] == samples.stamps()[order].tolist()
    assert found["columns"]["document"] == [f"räksmörgås {i}" for i in order]
    assert found["columns"]["price"] == [i / 4 for i in order]
    own = {"metadata.id": [f"own {i}" for i in order]} if kind == "chroma" else {}
    beside = set(found["columns"]) - {"ts", "document", "price"}
    assert {name: found["columns"][name] for name in beside} == own
    assert source.digest() == source.digest()
    assert source.warnings == []
    assert contents(kind) == before


@pytest.mark.parametrize("kind", KINDS)
def test_which_collection(kind: str, stores: Path) -> None:
    """It is named behind `#`; two of them are compared."""
    listed = "name one with #NAME; it has: few, items"
    assert refusal(kind) == f"{kind} has several collections | {listed}"
    assert refusal(f"{kind}#itens") == f"{kind} has no collection 'itens' | {listed}"
    np.testing.assert_array_equal(
        samples.read(open_source(f"{kind}#few"))["vectors"], [[1, 2], [3, 4]]
    )


def test_one_collection_in_two_databases(stores: Path) -> None:
    """Chroma against Milvus, by id."""
    found = monitor.compare("chroma#items", "milvus.db#items").to_dict()
    assert found["ids"] == {"both": samples.N, "only_a": 0, "only_b": 0}


def test_the_primary_key_by_its_name(stores: Path) -> None:
    """It is the id, and is found by the name it has, too."""
    assert "name" not in samples.read(open_source("milvus.db#items", Columns(keep=("*",))))
    found = samples.read(open_source("milvus.db#items", Columns(id="name")))
    assert sorted(found["ids"]) == IDS


class Evil:
    """What a hostile folder would run on being unpickled."""

    def __reduce__(self) -> Any:
        return os.system, ("touch pwned",)


@pytest.mark.parametrize(
    ("name", "length"), [("chroma.sqlite3", 90_000), ("data_level0.bin", 9), ("header.bin", 9)]
)
def test_damaged_chroma(name: str, length: int, stores: Path) -> None:
    """Files cut short."""
    for path in Path("chroma").rglob(name):
        path.write_bytes(path.read_bytes()[:length])
    assert refusal("chroma#items").startswith("chroma cannot be read: ")


def test_a_program_in_a_chroma_folder_does_not_run(stores: Path) -> None:
    """Chroma keeps a pickle, and reads it without what could run."""
    (path,) = Path("chroma").rglob("index_metadata.pickle")
    path.write_bytes(pickle.dumps(Evil()))
    assert "Error deserializing pickle file" in refusal("chroma#items")
    assert not Path("pwned").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_links_elsewhere(kind: str, stores: Path) -> None:
    """What a folder holds is no reason to open another file."""
    Path(kind, "other").symlink_to("/etc/passwd")
    assert refusal(f"{kind}#items") == (
        f"{kind} holds other, which is no regular file | "
        "copy the folder with what its links lead to: cp -rL"
    )


def test_qdrant_s_local_mode(here: Path) -> None:
    """It keeps its points as pickles: the message says how to get at them."""
    Path("q/collection/items").mkdir(parents=True)
    Path("q/meta.json").write_text("{}")
    Path("q/collection/items/storage.sqlite").write_bytes(b"SQLite format 3\0")
    assert refusal("q") == (
        "q is of Qdrant's local mode, which keeps its points as pickles, and reading one can run "
        "any program: it was not opened | scroll through the collection with qdrant-client, and "
        "save the vectors with numpy.save(PATH, array)"
    )


def segment() -> Path:
    """A segment of the Milvus collection."""
    return next(Path("milvus.db/collections/items").rglob("data_*.parquet"))


def test_damaged_milvus(stores: Path) -> None:
    """A segment cut short, and a schema."""
    held = segment()
    held.write_bytes(held.read_bytes()[:-20])
    assert refusal("milvus.db#items").startswith("milvus.db cannot be read: ")


def test_a_milvus_schema_that_is_none(stores: Path) -> None:
    """It names the folder."""
    Path("milvus.db/collections/items/schema.json").write_text("{")
    assert refusal("milvus.db#items").startswith("milvus.db cannot be read: schema file ")


def test_a_manifest_that_names_other_files(stores: Path) -> None:
    """Segments lie in the folder."""
    manifest = Path("milvus.db/collections/items/manifest.json")
    said = json.loads(manifest.read_text())
    said["partitions"]["_default"]["data_files"] = ["../../../../x.parquet"]
    manifest.write_text(json.dumps(said))
    assert refusal("milvus.db#items") == (
        "milvus.db cannot be read: it names the file '../../../../x.parquet' | "
        "it may be cut short or damaged; write it again"
    )


def test_a_segment_that_is_a_bomb(stores: Path, small_bombs: None) -> None:
    """It is refused before anything is unpacked."""
    flat = pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(5_000_000, "f4")), 5)
    pq.write_table(pa.table({"embedding": flat}), segment(), compression="zstd")
    assert "it looks like a decompression bomb" in refusal("milvus.db#items")


@pytest.mark.parametrize(
    ("kind", "package"), [("chroma", "chromadb"), ("milvus.db", "milvus_lite")]
)
def test_without_the_extra(
    kind: str, package: str, stores: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message holds the line that installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra) as caught:
        open_source(kind)
    extra = kind.removesuffix(".db")
    assert samples.said(caught.value) == (
        f"{package} is needed for this and is not installed | "
        f"pip install 'embedding-monitor[{extra}]'"
    )
