"""`compare` of the same foods by their English and French names, by two encoders.

    python benchmarks/language_pairs.py --data DIR

DIR holds ciqual_{en,fr}_{minilm,e5q4}.parquet: 3,185 foods of the French CIQUAL table by their
official names, encoded by all-MiniLM-L6-v2 (English) and multilingual-e5-small. Prints what the
comparison says where an upgrade is expected: what share of the 10 nearest neighbours stays, how
often the other name of a food is among its 10 nearest after alignment, and the causes.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np

import monitor

PAIRS = (
    ("en_minilm", "fr_minilm"),
    ("en_e5q4", "fr_e5q4"),
    ("en_minilm", "fr_e5q4"),
    ("en_minilm", "en_e5q4"),
)


def main(data: Path) -> None:
    print(f"{platform.platform()}, numpy {np.__version__}")
    print("| pair | neighbours kept | pair cosine | found after alignment | causes | s |")
    print("|---|---|---|---|---|---|")
    for a, b in PAIRS:
        start = time.process_time()
        sides = (str(data / f"ciqual_{side}.parquet") for side in (a, b))
        found = monitor.compare(*sides, expect="upgrade").to_dict()
        seconds = time.process_time() - start
        assert found["ids"] == {"both": 3185, "only_a": 0, "only_b": 0}
        said = found["measures"]
        values = (said[name]["value"] for name in ("knn_overlap@10", "cosine_median", "match@10"))
        shown = " | ".join(f"{value:.2f}" for value in values)
        causes = ", ".join(case["cause"] for case in found["diagnosis"])
        print(f"| {a}, {b} | {shown} | {causes} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    main(parser.parse_args().data)
