"""The speed benchmarks run; how fast is not asked here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parent.parent / "benchmarks" / "run.py"


def test_a_small_run_fills_its_tables(tmp_path: Path) -> None:
    """A few thousand rows: every table has its rows, and peers that are not there are absent."""
    asked = ["--smoke", "--only", "reading,scaling,peers", "--data", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, str(RUN), *asked], capture_output=True, text=True, check=True
    )
    assert "| fixed-size list of float16 |" in done.stdout
    assert "| 3,000 |" in done.stdout
    assert "| evidently_mmd | absent |" in done.stdout
