"""Folders and indexes of other tools: Hugging Face data sets, Lance tables, FAISS indexes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import faiss
import lance
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import monitor
from monitor.assets import sample_data
from monitor.config import Config
from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples

VECTORS = samples.values()
IDS = [f"row-{i:03}" for i in range(samples.N)]


def refusal(what: str) -> str:
    """Why the source is refused."""
    with pytest.raises(SourceError) as caught:
        list(open_source(what).batches())
    return samples.said(caught.value)


def check(what: str, n: int = samples.N) -> None:
    """Assert that the first n sample rows come back."""
    found = samples.read(open_source(what, Columns(at="ts", keep=("price",))), rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS[:n])
    assert found["ids"] == IDS[:n]
    assert found["at"] == samples.stamps()[:n].tolist()
    assert found["columns"]["price"] == [i / 4 for i in range(n)]


@pytest.fixture
def saved(here: Path) -> None:
    """A data set `one` in three files, and `two` with the splits train and test."""
    datasets.disable_progress_bars()
    whole = datasets.Dataset(samples.table())
    whole.save_to_disk("one", num_shards=3)
    datasets.DatasetDict({"train": whole, "test": whole.select(range(5))}).save_to_disk("two")


def test_hugging_face_folders(saved: None) -> None:
    """All files in their order, and the split that is named."""
    check("one")
    check("two#train")
    check("two#test", 5)
    listed = "name one with #NAME; it has: train, test"
    assert refusal("two") == f"two has several splits | {listed}"
    assert refusal("two#dev") == f"two has no split 'dev' | {listed}"
    assert refusal("one#dev") == "one has no splits | name the folder alone"


@pytest.mark.parametrize("name", ["../x.arrow", "/etc/passwd", "a/b", ".."])
def test_a_data_set_names_only_its_own_files(name: str, saved: None) -> None:
    """What a file says is no reason to open another one."""
    Path("one/state.json").write_text(json.dumps({"_data_files": [{"filename": name}]}))
    assert refusal("one") == (
        f"one cannot be read: it names the file {name!r} | "
        "it may be cut short or damaged; write it again"
    )


@pytest.fixture
def lake(here: Path) -> str:
    """A Lance table of two versions: 20 rows, then all 23."""
    table = samples.table()
    lance.write_dataset(table[:20], "items.lance")
    lance.write_dataset(table[20:], "items.lance", mode="append")
    return "items.lance"


def test_lance_versions(lake: str) -> None:
    """Today's table, that of a version or a tag, and LanceDB's address of it."""
    check(lake)
    check(f"{lake}@v1", 20)
    check("lancedb://./items@1", 20)
    lance.dataset(lake).tags.create("release", 1)
    check(f"{lake}@release", 20)
    assert refusal(f"{lake}@v9") == (
        "items.lance has no version '9' | it has 1 to 2, and the tags release"
    )
    found = monitor.compare(f"{lake}@v1", f"{lake}@v2").to_dict()
    assert found["ids"] == {"both": 20, "only_a": 0, "only_b": 3}


def test_the_command_line_takes_lance_versions(lake: str) -> None:
    """`items.lance@v1` is no space, though it is spelled like one."""
    found = monitor.open(Config()).compare(f"{lake}@v1", lake)
    assert found["ids"]["both"] == 20


def test_two_versions_of_a_lance_table(here: Path) -> None:
    """Dishes that were overwritten by another pooling, and by their int8 export before that."""
    files = [pq.read_table(sample_data() / f"dishes_v{n}.parquet") for n in (1, 3, 2)]
    ids = files[1]["id"].combine_chunks()[:400]
    for table in files:
        rows = pc.index_in(ids, table["id"].combine_chunks())
        lance.write_dataset(
            table.select(["id", "embedding"]).take(rows), "dishes.lance", mode="overwrite"
        )
    for version, verdict in ((2, "ok"), (3, "breaking")):
        found = monitor.compare("dishes.lance@v1", f"lancedb://./dishes@v{version}").to_dict()
        assert found["ids"] == {"both": 400, "only_a": 0, "only_b": 0}
        assert found["verdict"] == verdict


@pytest.mark.parametrize("at", [-40, 12])
def test_damaged_lance(at: int, lake: str) -> None:
    """Data files that are cut, at either end, name the table."""
    for path in Path(lake, "data").iterdir():
        path.write_bytes(path.read_bytes()[:at])
    assert refusal(lake).startswith("items.lance cannot be read: ")


def test_a_lance_footer_that_lies(lake: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A place beyond the file: the library panics, and the table is named all the same."""
    for path in Path(lake, "data").iterdir():
        raw = bytearray(path.read_bytes())
        raw[-40:-36] = b"\xff\xff\xff\x37"
        path.write_bytes(raw)
    assert refusal(lake).startswith("items.lance cannot be read: ")
    assert "panicked" in capfd.readouterr().err


def index_of(kind: str, rows: np.ndarray) -> Any:
    """A trained index of the kind with these rows."""
    index = faiss.index_factory(rows.shape[1], kind)
    index.train(rows)
    if kind.startswith("IDMap"):
        index.add_with_ids(rows, np.arange(100, 100 + len(rows)))
    else:
        index.add(rows)
    return index


@pytest.mark.parametrize("kind", ["Flat", "HNSW8,Flat", "IVF1,Flat", "IDMap,Flat"])
def test_faiss_indexes_that_are_exact(kind: str, here: Path) -> None:
    """The vectors as they were added; an IDMap gives ids."""
    faiss.write_index(index_of(kind, VECTORS), "x.index")
    source = open_source("x.index")
    found = samples.read(source, rows=10)
    np.testing.assert_array_equal(found["vectors"], VECTORS)
    assert found["ids"] == ([str(i) for i in range(100, 123)] if "IDMap" in kind else [])
    assert source.warnings == []


def test_faiss_indexes_that_are_not(here: Path) -> None:
    """What is quantised comes back nearly, and says so."""
    rows = np.random.default_rng(0).normal(size=(400, 8)).astype("f4")
    faiss.write_index(index_of("SQ8", rows), "x.index")
    source = open_source("x.index")
    np.testing.assert_allclose(samples.read(source)["vectors"], rows, atol=0.03)
    assert source.warnings == ["x.index: IndexScalarQuantizer keeps approximations of its vectors"]


def test_damaged_faiss(here: Path) -> None:
    """An index cut short, and one that lies about a length."""
    faiss.write_index(index_of("Flat", VECTORS), "x.index")
    raw = Path("x.index").read_bytes()
    Path("x.index").write_bytes(raw[:-1])
    assert refusal("x.index").startswith("x.index cannot be read: 'ret == (size)' failed: read")
    lie = bytearray(raw)
    lie[8:16] = lie[37:45] = (1 << 38).to_bytes(8, "little")
    Path("x.index").write_bytes(lie)
    assert refusal("x.index").startswith("x.index cannot be read: 'size >= 0 && size < (faiss::")
