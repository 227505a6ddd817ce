"""Does `audit` find rows of another encoder in one index, and leave sound indexes alone?

    python benchmarks/version_audit.py --data DIR [--seeds 5]

Prints, for rows of a second encoder at 10 % and 30 %, in a segment and scattered: how often they
are found, the share of them that is named, and the segment; then what is found in sound
indexes, and the range of each number there, which docs/versions.md calls normal.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_data import read, world
from monitor.batch import Items
from monitor.versions import Audit, audit

PAIRS = ("dishes", "usda", "foods", "aliments", "films")
SOUND = (
    *("usda5000_minilm", "usda5000_minilm_last4", "usda5000_minilm_int8", "sotu_minilm"),
    *("abc_headlines_minilm", "ciqual_en_minilm", "ciqual_fr_minilm", "ciqual_en_e5q4"),
    *("ciqual_fr_e5q4", "movielens_items_t1_2010_als32_seed0"),
    *("movielens_items_t1_2010_als32_seed1", "movielens_items_t2_2018_als32_seed0"),
)
ROWS = 3000


def mixture(name: str, share: float, how: str, seed: int, data: Path) -> tuple[Items, np.ndarray]:
    """Items of which `share` is another encoder's: `scattered`, or those of a `source`."""
    known, rng = world(name, data), np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(known.a), min(ROWS, len(known.a)), replace=False))
    if how == "stretch":
        first = int(rng.integers(2)) * round((1 - share) * len(rows))
        flags = np.zeros(len(rows), bool)
        flags[first : first + round(share * len(rows))] = True
    else:
        flags = rng.random(len(rows)) < share
    vectors = np.where(flags[:, None], known.other[rows], known.a.vectors[rows])
    columns = {k: v.take(pa.array(rows)) for k, v in known.a.columns.items()}
    if how == "source":
        columns["source"] = pa.array(np.where(flags, "backfill", "stream"))
    return Items(known.a.ids.take(pa.array(rows)), vectors, columns), flags


def found_rows(found: Audit, items: Items, flags: np.ndarray) -> tuple[float, float, str]:
    """Shares of the true rows named and of the named rows true, and where they were said to be."""
    named = [f for f in found.findings if f.cause == "mixed encoders"]
    if not named:
        return 0.0, 1.0, ""
    ids = set(named[0].row_ids.to_pylist())
    true = set(np.array(items.ids.to_pylist())[flags])
    return len(ids & true) / len(true), len(ids & true) / len(ids), named[0].where or ""


def mixtures(data: Path, seeds: int) -> None:
    print("| pair | share | where | found | rows named | named rows right | said to be at |")
    print("|---" * 7 + "|")
    for name in PAIRS:
        for share in (0.1, 0.3):
            for how in ("scattered", "stretch", "source"):
                hits = []
                for seed in range(seeds):
                    items, flags = mixture(name, share, how, seed, data)
                    hits.append(found_rows(audit(items, seed=seed), items, flags))
                told = [hit for hit in hits if hit[0] > 0]
                cells = [name, f"{share:.0%}", how, f"{len(told)}/{seeds}"]
                cells += [f"{min((h[i] for h in told), default=0):.1%}" for i in (0, 1)]
                print("| " + " | ".join([*cells, told[0][2] if told else ""]) + " |", flush=True)


def sound(data: Path, seeds: int) -> None:
    readings: dict[str, list[float]] = {}
    tried = false = 0
    for name in SOUND:
        whole = read(data / f"{name}.parquet")
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            size = len(whole) if seed == 0 else max(1000, len(whole) // 2)
            rows = np.sort(rng.choice(len(whole), min(size, 20_000, len(whole)), replace=False))
            rows = rows[whole.vectors[rows].any(axis=1)]
            columns = {k: v.take(pa.array(rows)) for k, v in whole.columns.items()}
            items = Items(whole.ids.take(pa.array(rows)), whole.vectors[rows], columns)
            found = audit(items, seed=seed)
            tried += 1
            if found.findings:
                false += 1
                print(f"{name}, seed {seed}, {len(rows)} rows: {found.summary}")
            for key, value in (found.readings or {}).items():
                readings.setdefault(key, []).append(value.value)
    print(f"\nfindings in {false} of {tried} sound indexes")
    for key, values in readings.items():
        print(f"{key}: {np.min(values):.3g} to {np.max(values):.3g}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    start = time.perf_counter()
    print(f"{platform.platform()}, numpy {np.__version__}, {asked.seeds} seeds\n")
    mixtures(asked.data, asked.seeds)
    sound(asked.data, asked.seeds)
    print(f"{time.perf_counter() - start:.0f} s")
