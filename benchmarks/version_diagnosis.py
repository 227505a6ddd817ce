"""Is the right cause named first, and the right rows? Twenty seeds of every known cause.

    python benchmarks/version_diagnosis.py [--seeds 20] [--rows 2000] [--only TEXT]
    python benchmarks/version_diagnosis.py --data DIR --world usda|foods|aliments|films

Without --data the items are the dishes of the sample data.
Prints a Markdown table: how often the true cause is first, the share of its rows that are named
(worst seed), rows named beside them (worst seed), the verdicts, and median measures.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_cases import CASES, Case, Scene, scene
from benchmarks.version_data import FILES, world
from monitor.versions import Comparison, compare

COLUMNS = {
    "cosine": "cosine_median",
    "R²": "procrustes_r2",
    "held-out": "procrustes_r2_heldout",
    "aligned p5": "aligned_cosine_p5",
    "match@1": "match@1",
    "CKA": "cka",
    "kNN@10": "knn_overlap@10",
    "RankMe": "rankme_b",
    "norm ×": "norm_ratio",
    "hub skew": "hub_skew_b",
}


def named(case: Case, found: Comparison, s: Scene) -> tuple[float, int]:
    """Share of the case's rows that its first cause names, and rows named beside them."""
    if case.rows is None:
        return np.nan, 0
    wanted = set(np.array(s.a.ids.to_pylist())[case.rows])
    got = set(found.diagnosis[0].row_ids.to_pylist())
    return len(wanted & got) / len(wanted), len(got - wanted)


def main(asked: argparse.Namespace) -> None:
    seeds, rows = asked.seeds, asked.rows
    known = world(asked.world, asked.data)
    cases = {
        name: make
        for name, make in CASES.items()
        if asked.only in name and (known.export is not None or name != "int8 export")
    }
    print(
        f"{asked.world}, {min(rows, len(known.a))} rows of {known.a.vectors.shape[1]} dimensions, "
        f"seeds 0-{seeds - 1}; "
        f"{platform.platform()}, numpy {np.__version__}\n"
    )
    right: dict[str, int] = defaultdict(int)
    told: dict[str, list[tuple[float, int]]] = defaultdict(list)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    measures: dict[str, list[list[float]]] = defaultdict(list)
    seconds = []
    for seed in range(seeds):
        for name, make in cases.items():
            s = scene(seed, rows, known)
            case = make(s)
            start = time.perf_counter()
            found = compare(case.a or s.a, case.b, seed=seed)
            seconds.append(time.perf_counter() - start)
            first = found.diagnosis[0].cause if found.diagnosis else "nothing"
            right[name] += first == case.cause
            if first != case.cause:
                wrong[name][first] += 1
            told[name].append(named(case, found, s))
            verdicts[name][found.verdict] += 1
            values = found.measures or {}
            measures[name].append(
                [values[key].value if key in values else np.nan for key in COLUMNS.values()]
            )
    heads = ["case", "first cause right", "rows named", "beside", "verdict", *COLUMNS]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    for name in cases:
        shares = [share for share, _ in told[name]]
        least = "all" if np.isnan(shares[0]) else f"{min(shares):.1%}"
        words = ", ".join(f"{word} {n}" for word, n in verdicts[name].most_common())
        cells = [name, f"{right[name]}/{seeds}", least, str(max(e for _, e in told[name])), words]
        cells += [f"{value:.3g}" for value in np.nanmedian(np.array(measures[name]), axis=0)]
        print("| " + " | ".join(cells) + " |")
    missed = {name: dict(count) for name, count in wrong.items()}
    print(f"\nwrong first causes: {missed or 'none'}")
    print(f"{np.median(seconds):.2f} s a comparison (median), {max(seconds):.2f} s at most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--world", choices=["dishes", *FILES], default="dishes")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    main(parser.parse_args())
