"""How often `drift` tells two samples apart: without a difference, and with one of many kinds.

    python benchmarks/two_sample_power.py [--trials 300] [--data DIR] [--only NAME ...]

The cases are those of `shifts.py`; DIR holds the foods in two languages, which are left out
without it. `apart` is the share of trials with p <= 0.05; `drift` those of them whose effect also
passes a gate; then the share of trials with p <= 0.05 in each family alone. Trial i has seed i.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks import shifts
from benchmarks.pairs import LEVEL, Compared, compared


def measured(case: shifts.Case, trials: int, first: int = 0) -> list[Compared]:
    """So many trials of a case, from this seed on."""
    seeds = range(first, first + trials)
    return [compared(*case(np.random.default_rng(seed)), seed=seed) for seed in seeds]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=300)
    options.add_argument("--first", type=int, default=0, help="seed of the first trial")
    options.add_argument("--data", type=Path, help="folder of ciqual_{en,fr}_minilm.parquet")
    options.add_argument("--only", nargs="*")
    chosen = options.parse_args()
    cases = shifts.NULLS | {"halves of a decade": shifts.one_decade}
    cases |= shifts.SYNTHETIC | shifts.REAL | shifts.FURTHER
    if chosen.data is not None:
        cases |= shifts.of_foods(chosen.data)
    last = chosen.first + chosen.trials - 1
    print(f"numpy {np.__version__}, {chosen.trials} trials, seeds {chosen.first}..{last}")
    for name in chosen.only or cases:
        found = measured(cases[name], chosen.trials, chosen.first)
        families = " ".join(
            f"{scores[0].name} {np.mean([s.p_value <= LEVEL for s in scores]):.2f}"
            for scores in zip(*(trial.test.families for trial in found), strict=True)
        )
        apart = np.mean([trial.told_apart for trial in found])
        drift = np.mean([trial.drift for trial in found])
        print(f"{name:30s} apart {apart:.3f} drift {drift:.3f} | {families}", flush=True)


if __name__ == "__main__":
    main()
