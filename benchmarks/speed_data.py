"""Vectors to measure speed with: forty topics in a space of low rank, of unit length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

STEP = 65_536
DAY_US = 86_400_000_000
Layout = Literal["fixed", "list"]


def vectors(n: int, d: int, seed: int, shift: float = 0.0) -> Iterator[npt.NDArray[np.float32]]:
    """n rows in pieces; `shift` moves all of them."""
    fixed, rng = np.random.default_rng(99), np.random.default_rng(seed)
    centres = fixed.standard_normal((40, d), np.float32)
    mix = fixed.standard_normal((32, d), np.float32) / 6
    for start in range(0, n, STEP):
        m = min(STEP, n - start)
        rows = centres[rng.integers(0, 40, m)] + np.float32(shift)
        rows += rng.standard_normal((m, 32), np.float32) @ mix
        rows += 0.3 * rng.standard_normal((m, d), np.float32)
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


def parquet(
    path: Path,
    n: int,
    d: int,
    *,
    seed: int = 1,
    shift: float = 0.0,
    layout: Layout = "fixed",
    kind: type[np.floating] = np.float32,  # type: ignore[type-arg]
    days: int = 56,
) -> Path:
    """A file of ids, times over so many days and vectors, as pyarrow writes it; kept if there."""
    if path.exists():
        return path
    unfinished, start, writer = path.with_suffix(".part"), 0, None
    for rows in vectors(n, d, seed, shift):
        flat = pa.array(rows.astype(kind).ravel())
        ends = pa.array(np.arange(0, flat.__len__() + 1, d, dtype=np.int32))
        table = pa.table(
            {
                "id": pa.array([f"r{i}" for i in range(start, start + len(rows))]),
                "ts": times(start, len(rows), n, days),
                "embedding": pa.FixedSizeListArray.from_arrays(flat, d)
                if layout == "fixed"
                else pa.ListArray.from_arrays(ends, flat),
            }
        )
        writer = writer or pq.ParquetWriter(unfinished, table.schema)
        writer.write_table(table)
        start += len(rows)
    if writer:
        writer.close()
    unfinished.replace(path)
    return path


def times(start: int, m: int, n: int, days: int) -> pa.Array:
    """Times of rows `start` to `start + m` of n that are spread over so many days."""
    us = np.arange(start, start + m) * (days * DAY_US // max(n, 1))
    return pa.array(np.datetime64("2026-09-07", "us") + us, pa.timestamp("us", "UTC"))
