"""Is the right cause named first, and the right rows? Twenty seeds of every known cause.

    python benchmarks/version_diagnosis.py [--seeds 20] [--rows 2000] [--signatures]
    python benchmarks/version_diagnosis.py --only TEXT --first SEED
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
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_cases import CASES, SIGNATURES, Case, Scene, scene
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


@dataclass
class Told:
    """What the comparisons of one case said."""

    right: int = 0
    named: list[tuple[float, int]] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    measures: list[list[float]] = field(default_factory=list)

    def add(self, case: Case, found: Comparison, s: Scene) -> None:
        first = found.diagnosis[0].cause if found.diagnosis else "nothing"
        self.right += first == case.cause
        if first != case.cause:
            self.wrong[first] += 1
        self.named.append(named(case, found, s))
        self.verdicts[found.verdict] += 1
        values = found.measures or {}
        self.measures.append([values[k].value if k in values else np.nan for k in COLUMNS.values()])

    def cells(self) -> list[str]:
        """The cells of its row of the table."""
        shares = [share for share, _ in self.named]
        least = "all" if np.isnan(shares[0]) else f"{min(shares):.1%}"
        words = ", ".join(f"{word} {n}" for word, n in self.verdicts.most_common())
        cells = [f"{self.right}/{len(shares)}", least, str(max(e for _, e in self.named)), words]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            medians = np.nanmedian(np.array(self.measures), axis=0)
        return [*cells, *(f"{value:.3g}" for value in medians)]


def main(asked: argparse.Namespace) -> None:
    known = world(asked.world, asked.data)
    cases = {
        name: make
        for name, make in CASES.items()
        if asked.only in name
        and (known.export is not None or name != "int8 export")
        and (name in SIGNATURES or not asked.signatures)
    }
    seeds = range(asked.first, asked.first + asked.seeds)
    print(
        f"{asked.world}, {min(asked.rows, len(known.a))} rows of {known.a.vectors.shape[1]} "
        f"dimensions, seeds {seeds[0]}-{seeds[-1]}; "
        f"{platform.platform()}, numpy {np.__version__}\n"
    )
    heads = ["case", "first cause right", "rows named", "beside", "verdict", *COLUMNS]
    print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
    missed, seconds = {}, []
    for name, make in cases.items():
        told = Told()
        for seed in seeds:
            s = scene(seed, asked.rows, known)
            case = make(s)
            start = time.process_time()
            told.add(case, compare(case.a or s.a, case.b, seed=seed), s)
            seconds.append(time.process_time() - start)
        print("| " + " | ".join([name, *told.cells()]) + " |", flush=True)
        if told.wrong:
            missed[name] = dict(told.wrong)
    print(f"\nwrong first causes: {missed or 'none'}")
    print(f"{np.median(seconds):.2f} s of processor a comparison (median), {max(seconds):.2f} most")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--world", choices=["dishes", *FILES], default="dishes")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--signatures", action="store_true", help="the 24 of SIGNATURES alone")
    parser.add_argument("--only", default="", help="cases whose name holds this text")
    main(parser.parse_args())
