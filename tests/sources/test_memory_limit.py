"""A file that unpacks to more than there is of memory is refused, with that very memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LIMIT = 1 << 30
ROOT = Path(__file__).parents[2]
READ = (
    "import sys; from monitor.sources import open_source; list(open_source(sys.argv[1]).batches())"
)


def test_a_bomb_is_refused_within_1_gb(tmp_path: Path) -> None:
    """The reader's address space is limited, so that an attempt to unpack would end it."""
    path = tmp_path / "bomb.parquet"
    flat = pa.array(np.zeros(12_000_000, "f4"))
    table = pa.table({"embedding": pa.FixedSizeListArray.from_arrays(flat, 1000)})
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for _ in range(25):
            writer.write_table(table)
    assert path.stat().st_size < 1_000_000
    ran = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 1
    assert "looks like a decompression bomb and was not unpacked" in ran.stderr, ran.stderr[-2000:]
