"""One step of a speed benchmark in a process of its own: `python speed_steps.py STEP ARGUMENTS`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from speed_data import vectors

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.fitting import fitted


def plain_read(path: str) -> dict[str, Any]:
    """The vector column by pyarrow alone, streamed, every value touched by nobody."""
    from pyarrow.parquet import ParquetFile

    started, size = time.perf_counter(), 0
    file = ParquetFile(path, pre_buffer=False, buffer_size=1 << 20)
    for batch in file.iter_batches(8192, columns=["embedding"]):
        size += batch.column(0).flatten().nbytes
    return {"seconds": time.perf_counter() - started, "bytes": size}


def read(path: str) -> dict[str, Any]:
    """The same column as batches of this project."""
    from monitor.sources import open_source

    started = time.perf_counter()
    size = sum(batch.vectors.nbytes for batch in open_source(path).batches())
    return {"seconds": time.perf_counter() - started, "bytes": size}


def basis(path: str, d: str, out: str) -> dict[str, Any]:
    """Fits the basis that the other steps use."""
    started = time.perf_counter()
    found = fitted(next(vectors(20_000, int(d), 3)))
    seconds = time.perf_counter() - started
    Path(out).write_bytes(found.to_bytes())
    return {"seconds": seconds}


def profiled(path: str, basis_path: str) -> dict[str, Any]:
    """The profile of a file or folder in one pass."""
    from monitor.profiles import profile
    from monitor.sources import open_source

    known = Basis.from_bytes(Path(basis_path).read_bytes())
    started = time.perf_counter()
    found = profile(open_source(path).batches(), known)
    return {"seconds": time.perf_counter() - started, "rows": found.n}


def arithmetic(n: str, basis_path: str) -> dict[str, Any]:
    """Seconds for the matrix products and the waves of n rows at this machine's own rates."""
    known = Basis.from_bytes(Path(basis_path).read_bytes())
    (d, r), (_, frequencies), k = (
        known.components.shape,
        known.frequencies.shape,
        len(known.codebook),
    )
    rows = next(vectors(8192, d, 5))
    y = rows @ known.components
    gemm = _best(lambda: rows @ known.components)
    rate = 2 * rows.size * r / gemm
    angles = y @ known.frequencies
    out = np.empty_like(angles)
    waves = _best(lambda: (np.cos(angles, out=out), np.sin(angles, out=out)))
    flops = 2 * 8192 * (d * r + r * frequencies + r * k + r * r / 2)
    return {"seconds": (flops / rate + waves) * int(n) / 8192, "gflops": rate / 1e9}


def folded(n: str, d: str) -> dict[str, Any]:
    """The fold of n rows that lie in memory, in seconds of processor time."""
    from monitor.profiles import profile

    known = fitted(next(vectors(4000, int(d), 3)))
    rows = next(vectors(8192, int(d), 5))
    started = time.process_time()
    profile(_repeated(rows, int(n)), known)
    return {"seconds": time.process_time() - started}


def checked(config: str, space: str) -> dict[str, Any]:
    """Judging windows of a space from their stored profiles, by a process at work: `check` of the
    latest; and one window more, when the reference and the history are at hand."""
    from monitor.api import open
    from monitor.pipeline.judging import judge

    monitor = open(config)
    monitor.check(space)
    started = time.perf_counter()
    monitor.check(space)
    whole, by, each = time.perf_counter() - started, judge(monitor.workspace, space), []
    for stored in [by.windows[-1], *by.windows[-20:]]:
        started = time.perf_counter()
        by.judged(stored)
        each.append(time.perf_counter() - started)
    return {"seconds": whole, "one_more": float(np.median(each[1:]))}


def _repeated(rows: np.ndarray[Any, np.dtype[np.float32]], n: int) -> Iterator[Batch]:
    """n rows, told apart by their times."""
    batch = Batch(rows, np.zeros(len(rows), np.uint8))
    for start in range(0, n, len(rows)):
        m = min(len(rows), n - start)
        at = np.datetime64("2026-01-01", "us") + np.arange(start, start + m)
        yield replace(batch, vectors=rows[:m], status=batch.status[:m], at=at)


def _best(work: Callable[[], object]) -> float:
    """The least of nine runs."""
    found = []
    for _ in range(9):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


STEPS = {f.__name__: f for f in (plain_read, read, basis, profiled, arithmetic, folded, checked)}

if __name__ == "__main__":
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
