"""Real drift without any synthetic step: what US presidents told Congress, decade by decade.

    python benchmarks/speeches.py [--seeds 100]

Each decade from the 1960s on is compared with 1947-1959 as `embmon drift` does; all are different.
Then two random halves of one decade are compared, `--seeds` times for each decade; they are not.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pairs import Compared, Side, Vectors, compared, embeddings

TABLE, VECTORS = embeddings("speeches")
YEARS = np.array([at.year for at in TABLE["ts"].to_pylist()])
DECADES = range(1960, 2030, 10)


def spoken(first: int, last: int) -> Vectors:
    """The paragraphs of these years."""
    return VECTORS[(first <= YEARS) & (last >= YEARS)]


REFERENCE = spoken(1947, 1959)


def decade(first: int, n: int | None = None, seed: int = 0) -> Compared:
    """All paragraphs of a decade, or n random ones, against 1947-1959, or n of these."""
    rng = np.random.default_rng(seed)
    sides = [REFERENCE, spoken(first, first + 9)]
    if n is not None:
        sides = [rows[rng.permutation(len(rows))[:n]] for rows in sides]
    return compared(Side(sides[0]), Side(sides[1]), seed)


def halves(first: int, seed: int, n: int | None = None) -> Compared:
    """Two random halves of a decade, or of n of its paragraphs."""
    rows = spoken(first, first + 9)
    order = np.random.default_rng(seed).permutation(len(rows))[:n]
    middle = len(order) // 2
    return compared(Side(rows[order[:middle]]), Side(rows[order[middle:]]), seed)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seeds", type=int, default=100)
    seeds = options.parse_args().seeds
    print(f"numpy {np.__version__}, {platform.machine()}; {len(REFERENCE)} rows of 1947-1959")
    print(f"decade  rows  p      moved  auc   drift | {seeds} pairs of halves: p <= .05, drift")
    for first in DECADES:
        found = decade(first)
        pairs = [halves(first, seed) for seed in range(seeds)]
        print(
            f"{first}s  {len(spoken(first, first + 9)):5d}  {found.test.p_value:.3f}  "
            f"{found.effect.tv_clusters:.3f}  {found.effect.auc:.2f}  {found.drift!s:5s} | "
            f"{sum(pair.told_apart for pair in pairs)} {sum(pair.drift for pair in pairs)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
