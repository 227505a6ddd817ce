"""Rows to write in every format, and what must come back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from monitor.batch import Batch
from monitor.errors import MonitorError
from monitor.sources import Source

N, D = 23, 5
FLOAT = pa.float32()
FLOATS = (pa.float16(), FLOAT, pa.float64())
NUMBERS = (*FLOATS, pa.int8(), pa.uint8())
SHAPES = ("fixed", "list", "large_list", "list_view", "large_list_view", "wide")


def values(kind: pa.DataType = FLOAT, n: int = N, d: int = D) -> np.ndarray:
    """(n, d) numbers that every type holds exactly: 0 to 120, all different in a row."""
    return ((np.arange(n * d).reshape(n, d) * 7) % 121).astype(kind.to_pandas_dtype())


def lists(rows: list[Any], kind: pa.DataType, shape: str, d: int = D) -> pa.Array:
    """Rows (lists or None) as a column of lists of this shape."""
    types = {
        "fixed": pa.list_(kind, d),
        "list": pa.list_(kind),
        "large_list": pa.large_list(kind),
        "list_view": pa.list_view(kind),
        "large_list_view": pa.large_list_view(kind),
    }
    return pa.array(rows, types[shape])


def table(kind: pa.DataType = FLOAT, shape: str = "fixed", n: int = N) -> pa.Table:
    """Columns id, ts (UTC), who, words, price, and the vectors `embedding`, or `e0` to `e4`."""
    found = {
        "id": pa.array([f"row-{i:03}" for i in range(n)]),
        "ts": pa.array(stamps(n), pa.timestamp("us", "UTC")),
        "who": pa.array([f"u{i % 4}" for i in range(n)]),
        "words": pa.array([f'räksmörgås, "{i}"\n' for i in range(n)]),
        "price": pa.array([i / 4 for i in range(n)]),
    }
    numbers = values(kind, n)
    if shape == "wide":
        found |= {f"e{j}": pa.array(numbers[:, j]) for j in range(D)}
    else:
        found["embedding"] = lists(list(numbers), kind, shape)
    return pa.table(found)


def stamps(n: int = N) -> np.ndarray:
    """(n,) times in UTC, 7 hours and some microseconds apart."""
    start = np.datetime64("2026-03-28T20:00:00.000001", "us")
    return start + np.arange(n) * np.timedelta64(25_200_000_003, "us")


def write_parquet(found: pa.Table, path: Path, group: int = 7) -> Path:
    """A Parquet file with row groups of `group` rows."""
    pq.write_table(found, path, row_group_size=group)
    return path


def write_arrow(found: pa.Table, path: Path, *, stream: bool = False, **options: Any) -> Path:
    """An Arrow IPC file or stream with batches of 7 rows."""
    new = pa.ipc.new_stream if stream else pa.ipc.new_file
    with pa.OSFile(str(path), "wb") as sink:
        settings = pa.ipc.IpcWriteOptions(**options)
        with new(sink, found.schema, options=settings) as writer:
            writer.write_table(found, max_chunksize=7)
    return path


def write_csv(found: pa.Table, path: Path) -> Path:
    """A CSV; a column of lists becomes JSON text."""
    if "embedding" in found.schema.names:
        texts = [json.dumps(row) for row in found["embedding"].to_pylist()]
        at = found.schema.get_field_index("embedding")
        found = found.set_column(at, "embedding", pa.array(texts))
    pyarrow.csv.write_csv(found, path)
    return path


def write_jsonl(found: pa.Table, path: Path) -> Path:
    """One object a line."""
    lines = [json.dumps(row, default=str, ensure_ascii=False) for row in found.to_pylist()]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def joined(batches: Iterator[Batch]) -> dict[str, Any]:
    """All rows of the batches, by the parts of a `Batch`, as plain Python."""
    found = list(batches)
    return {
        "vectors": np.concatenate([b.vectors for b in found]),
        "status": np.concatenate([b.status for b in found]).tolist(),
        "ids": [x for b in found for x in (b.ids or [])],
        "at": [x for b in found for x in (() if b.at is None else b.at.tolist())],
        "entities": [x for b in found for x in (b.entities or [])],
        "columns": {
            name: [x for b in found for x in b.columns[name].to_pylist()]
            for name in found[0].columns
        },
    }


def read(source: Source, rows: int = 8192) -> dict[str, Any]:
    """`joined` of the source, its ids and entities as Python strings."""
    found = joined(source.batches(rows))
    for part in ("ids", "entities"):
        found[part] = [x.as_py() for x in found[part]]
    return found


def said(error: MonitorError) -> str:
    """Message and hint, as the command line prints them."""
    return f"{error.message} | {error.hint}"


def size(n: int) -> str:
    """A number of bytes as messages spell it."""
    return f"{n} bytes" if n < 1024 else f"{n / 1024:.1f} KiB"
