"""How long `compare` takes and how much memory, with all measures, on vectors of a file.

    python benchmarks/version_speed.py ROWS [--dim 384]

Both versions are float32 files on disk, opened as memory maps as stored versions are; B is A after
a curved map and a rotation, a new encoder. Prints seconds, processor seconds, and the greatest
resident memory without the pages of the files.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.batch import Items
from monitor.versions import compare

BLOCK = 50_000


def written(folder: Path, rows: int, dim: int) -> tuple[Items, Items]:
    """Two versions of items in 200 topics."""
    rng = np.random.default_rng(0)
    topics = rng.normal(size=(200, dim)).astype(np.float32)
    turn = np.linalg.qr(rng.normal(size=(dim, dim)))[0].astype(np.float32)
    paths = [folder / f"{name}.npy" for name in "ab"]
    sides = [np.lib.format.open_memmap(p, "w+", np.float32, (rows, dim)) for p in paths]
    for start in range(0, rows, BLOCK):
        n = min(BLOCK, rows - start)
        x = topics[rng.integers(len(topics), size=n)] + rng.normal(size=(n, dim)).astype(np.float32)
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        sides[0][start : start + n] = x
        sides[1][start : start + n] = np.tanh(20 * x) @ turn
    ids = pa.array([str(i) for i in range(rows)])
    del sides
    a, b = (Items(ids, np.load(path, mmap_mode="r"), name=path.stem) for path in paths)
    return a, b


def anonymous() -> int:
    """Resident bytes that are not pages of files (Linux)."""
    line = next(s for s in Path("/proc/self/status").read_text().splitlines() if "RssAnon" in s)
    return int(line.split()[1]) * 1024


def main(rows: int, dim: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        a, b = written(Path(folder), rows, dim)
        most, done = [anonymous()], threading.Event()

        def watch() -> None:
            while not done.wait(0.05):
                most.append(anonymous())

        watcher = threading.Thread(target=watch)
        watcher.start()
        start, busy = time.perf_counter(), time.process_time()
        found = compare(a, b)
        taken, worked = time.perf_counter() - start, time.process_time() - busy
        done.set()
        watcher.join()
    print(f"{platform.platform()}, numpy {np.__version__}")
    print(
        f"{rows:,} x {dim}: {taken:.1f} s, {worked:.1f} s of processor, {max(most) / 2**30:.2f} GB"
    )
    print(found.summary)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("--dim", type=int, default=384)
    asked = parser.parse_args()
    main(asked.rows, asked.dim)
