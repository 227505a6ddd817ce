"""The door of the room: plug-ins, whole sources, and damage of any kind."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import MonitorError
from monitor.sources import Columns, Source, open_source, read_items
from tests.sources import samples

PLUGIN = """
import numpy as np
from monitor.sources import open_source

def toy(url, columns, *, dim):
    return open_source(np.ones((int(url[6:]), 5)), columns, dim=dim)
"""


def test_plugins(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point named like the scheme reads the address; others are not even loaded."""
    (here / "toys.py").write_text(PLUGIN)
    info = here / "toys-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toys\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[embmon.sources]\nother = no_such_module:f\ntoy = toys:toy\n"
    )
    monkeypatch.syspath_prepend(str(here.resolve()))
    assert open_source("toy://7").rows == 7
    assert open_source("TOY://7", dim=5).dim == 5


def test_items() -> None:
    """Ids, vectors with NaN for rows that have none, and columns, in row order."""
    rows = [[1.0, 2.0], None, [3.0], [4.0, None]]
    table = pa.table({"id": ["a", None, "c", "d"], "v": pa.array(rows), "n": [1, 2, 3, None]})
    items = read_items(table, Columns(keep=("n",)), metric="l2")
    assert items.ids.to_pylist() == ["a", "in-memory Table#1", "c", "d"]
    nan = np.nan
    np.testing.assert_array_equal(items.vectors, [[1, 2], [nan, nan], [nan, nan], [4, nan]])
    assert (items.columns["n"].to_pylist(), items.metric) == ([1, 2, 3, None], "l2")
    assert (len(items), items.name) == (4, "in-memory Table")


@pytest.mark.parametrize("kind", ["f2", "f4", "f8", "i1"])
def test_items_of_an_array(kind: str, here: Path) -> None:
    """Ids are row numbers; float16 and float32 stay where they are, others become float32."""
    vectors = np.tile(samples.values(), (400, 1)).astype(kind)
    np.save("x.npy", vectors)
    items = read_items(open_source("x.npy"))
    assert items.ids.to_pylist() == [str(i) for i in range(9200)]
    np.testing.assert_array_equal(items.vectors, vectors)
    assert isinstance(items.vectors, np.memmap) is (kind in ("f2", "f4"))
    assert items.vectors.dtype == {"f2": np.float16}.get(kind, np.float32)
    assert np.shares_memory(read_items(vectors).vectors, vectors) is (kind in ("f2", "f4"))


def test_items_of_nothing() -> None:
    """No ids, no vectors, the dimension."""
    items = read_items(samples.table(n=0), Columns(keep=("*",)))
    assert (len(items), items.vectors.shape, dict(items.columns)) == (0, (0, 5), {})


def test_sources_are_sources(here: Path) -> None:
    """All that is opened keeps the promise of the protocol."""
    for table in (samples.table(), samples.table(n=0)):
        source = open_source(table)
        assert isinstance(source, Source)
        assert (source.dim, source.rows) == (5, table.num_rows)
        assert source.digest() == source.digest()


@pytest.mark.parametrize("ending", ["parquet", "arrow", "arrows", "csv", "jsonl", "npy", "npz"])
def test_damage_of_any_kind_is_an_error_of_ours(ending: str, here: Path) -> None:
    """Flipped, overwritten, removed and cut bytes never raise anything else, nor hang."""
    path, table = here / f"x.{ending}", samples.table(shape="list")
    write: dict[str, Any] = {
        "parquet": lambda: samples.write_parquet(table, path),
        "arrow": lambda: samples.write_arrow(table, path, compression="zstd"),
        "arrows": lambda: samples.write_arrow(table, path, stream=True),
        "csv": lambda: samples.write_csv(table, path),
        "jsonl": lambda: samples.write_jsonl(table, path),
        "npy": lambda: np.save(path, samples.values()),
        "npz": lambda: np.savez_compressed(path, v=samples.values(), ids=np.arange(23)),
    }
    write[ending]()
    whole, chance = path.read_bytes(), random.Random(7)
    for _ in range(40):
        raw = bytearray(whole)
        at = chance.randrange(len(raw) - 8)
        damage = chance.choice(["flip", "fill", "remove", "cut"])
        if damage == "flip":
            raw[at] ^= 1 << chance.randrange(8)
        elif damage == "fill":
            raw[at : at + 8] = chance.choice([b"\xff", b"\0", b"\x7f"]) * 8
        else:
            del raw[at : at + 5 if damage == "remove" else None]
        path.write_bytes(raw)
        try:
            list(open_source(path, Columns(keep=("*",))).batches())
        except MonitorError as error:
            assert error.message.isprintable()


def test_importing_is_light() -> None:
    """Neither pandas nor the readers of formats are imported before they are needed."""
    names = ("pandas", "pyarrow.parquet", "pyarrow.csv", "pyarrow.json", "pyarrow.dataset")
    code = f"import sys, monitor.sources; print([n for n in {names} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
