"""10 GB of Parquet in one row group, ingested by a process that may address 2 GB; and a bomb.

    python benchmarks/big_row_group.py [--gb 10] [--limit-gb 2] [--folder DIR]

The limit is on address space (`prlimit --as`), which counts what is reserved as well as what is
touched, libraries and stacks included, and needs no rights: what holds under it holds under a limit
on memory. Rows come again and again in the file, as values without compression or dictionaries, so
that reading one row costs what reading any other costs, and writing it takes little memory. The
bomb promises 12 GB from less than a tenth of a megabyte.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measured import embmon, machine, process
from speed_data import times, vectors

PIECE = 100_000
DAYS = 14


def write(path: Path, n: int, d: int) -> None:
    """`n` rows of a time and `d` numbers in one row group, no page of it larger than a megabyte."""
    flat = np.concatenate([rows.ravel() for rows in vectors(min(n, PIECE), d, 1)])
    piece = pa.FixedSizeListArray.from_arrays(pa.array(flat), d)
    pieces = [piece[: min(len(piece), n - start)] for start in range(0, n, len(piece))]
    table = pa.table({"ts": times(0, n, n, DAYS), "embedding": pa.chunked_array(pieces)})
    plain = {"use_dictionary": False, "compression": "none"}
    pq.write_table(table, path, row_group_size=n, **plain)


def write_bomb(path: Path, d: int) -> None:
    """Zeros that take next to nothing: 12 GB in 25 row groups."""
    rows = 480_000_000 // 4 // d
    flat = pa.array(np.zeros(rows * d, "f4"))
    piece = pa.FixedSizeListArray.from_arrays(flat, d)
    at = times(0, 1, 1, DAYS).take(pa.array(np.zeros(rows, "i4")))
    table = pa.table({"ts": at, "embedding": piece})
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for _ in range(25):
            writer.write_table(table)


def main(asked: argparse.Namespace) -> None:
    """Writes both files, ingests both under the limit, prints what became of it."""
    limited = ["prlimit", f"--as={int(asked.limit_gb * (1 << 30))}"]
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        config, path, bomb = (Path(folder, n) for n in ("embmon.toml", "big.parquet", "bomb"))
        config.write_text("")
        ingest = [*limited, *embmon("ingest", "queries", "--at", "ts", "--config", str(config))]
        n = int(asked.gb * 1e9) // (4 * asked.dim)
        write(path, n, asked.dim)
        held = pq.ParquetFile(path).metadata
        print(machine())
        print(
            f"{path.stat().st_size / 1e9:.2f} GB, {held.num_rows:,} × {asked.dim} float32 in "
            f"{held.num_row_groups} row group; address space limited to {asked.limit_gb:g} GB"
        )
        found = process("ingest", [*ingest, str(path)], runs=1)
        print(
            f"ingested in {found.wall_s:.0f} s, {found.cpu_s:.0f} s of processor time, "
            f"{1e9 * found.cpu_s / n / 1000:.1f} µs a row; peak memory {found.peak_mb:.0f} MB"
        )
        write_bomb(bomb, asked.dim)
        ran = subprocess.run([*ingest, str(bomb)], capture_output=True, text=True)
        print(f"a bomb of {bomb.stat().st_size:,} bytes: code {ran.returncode}, {ran.stderr}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for option, default in (("gb", 10.0), ("limit-gb", 2.0)):
        parser.add_argument(f"--{option}", type=float, default=default)
    parser.add_argument("--dim", type=int, default=768)
    parser.add_argument("--folder", type=Path, default=None)
    main(parser.parse_args())
