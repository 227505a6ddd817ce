"""Whether the smallest change that `drift` says it would notice is noticed as often as it says.

    python benchmarks/detectable_shift.py [--trials 40]

`min_detectable` promises 80 % at its two sizes. Here dishes change by exactly so much: all rows
move along one of the 64 leading directions, or a category grows from 2 % to the share stated.
Trial i has seed i. Found is p <= 0.05.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import shifts
from benchmarks.pairs import LEVEL, Side, compared
from monitor.scores.detectable import detectable

LARGE = shifts.NAMES[shifts.COUNTS >= 100][1::2]
"""Categories with rows enough for the larger share, but for those by which the promise was set."""


def moved(rng: np.random.Generator, n: int, size: float) -> list[Side]:
    """All current rows move by so many deviations along a leading principal direction, and are of
    unit length again."""
    a, b = shifts.drawn(rng, n, n)
    centred = shifts.VECTORS - shifts.VECTORS.mean(axis=0)
    direction = np.linalg.svd(centred[:2000], full_matrices=False)[2][rng.integers(64)]
    b = b + np.float32(size * (centred @ direction).std()) * direction
    return [Side(a), Side(b / np.linalg.norm(b, axis=1, keepdims=True))]


def grown(rng: np.random.Generator, n: int, shares: tuple[float, float]) -> list[Side]:
    """A category grows from one share to the other."""
    topic = rng.choice(LARGE)
    own = np.flatnonzero(topic == shifts.LABELS)
    others = rng.permutation(np.flatnonzero(topic != shifts.LABELS))
    k = [round(share * n) for share in shares]
    rows = rng.choice(own, sum(k), replace=sum(k) > len(own))
    sides = np.split(rows, [k[0]])
    rest = np.split(others[: 2 * n - sum(k)], [n - k[0]])
    return [Side(shifts.VECTORS[np.append(*both)]) for both in zip(sides, rest, strict=True)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=40)
    options.add_argument("--rows", type=int, nargs="*", default=[500, 1000, 2000])
    asked = options.parse_args()
    print(f"numpy {np.__version__}, {asked.trials} trials")
    for n in asked.rows:
        stated = detectable(n, n, LEVEL)
        found = {"mean": 0, "share": 0}
        for seed in range(asked.trials):
            sides = {
                "mean": moved(np.random.default_rng(seed), n, stated["mean_sd"]),
                "share": grown(
                    np.random.default_rng(seed), n, (stated["share_from"], stated["share_to"])
                ),
            }
            for name, (a, b) in sides.items():
                found[name] += compared(a, b, seed).told_apart
        rates = " ".join(f"{name} {hits / asked.trials:.2f}" for name, hits in found.items())
        print(f"{n} rows a side: {stated['text']} | found: {rates}", flush=True)


if __name__ == "__main__":
    main()
