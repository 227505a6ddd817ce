"""How well a map shows what is new: `python benchmarks/maps_lie.py`.

Of scikit-learn's digits one class is taken away; the rest is the reference, and the class comes
with the next rows. A new row counts as hidden where it lies as near to a row of the reference as
95 % of the reference's rows lie to each other: on a map that was fitted on the reference and is
given the new rows (`UMAP.transform`), on a map fitted on both, and in all dimensions.
"""

from __future__ import annotations

import platform

import numpy as np
import umap
from sklearn.datasets import load_digits
from sklearn.neighbors import NearestNeighbors

SEED = 0
DIGITS = 5
"""How many are taken away in turn, the least first."""


def hidden(reference: np.ndarray, new: np.ndarray) -> float:
    """Share of new rows that lie no farther from the reference than its own rows usually do."""
    near = NearestNeighbors(n_neighbors=2).fit(reference)
    usual = np.quantile(near.kneighbors(reference)[0][:, 1], 0.95)
    return float((near.kneighbors(new, n_neighbors=1)[0][:, 0] <= usual).mean())


def main() -> None:
    """Prints a table of the first five classes."""
    digits = load_digits()
    print(
        f"umap-learn {umap.__version__}, numpy {np.__version__}, {platform.machine()}, seed {SEED}"
    )
    print("| new digit | hidden on the old map | on a joint map | in all 64 dimensions |")
    print("|---|---|---|---|")
    found = []
    for digit in range(DIGITS):
        new, old = digits.data[digits.target == digit], digits.data[digits.target != digit]
        frozen = umap.UMAP(random_state=SEED, n_jobs=1).fit(old)
        placed = hidden(frozen.embedding_, frozen.transform(new))
        joint = umap.UMAP(random_state=SEED, n_jobs=1).fit_transform(np.vstack([old, new]))
        found.append((placed, hidden(joint[: len(old)], joint[len(old) :]), hidden(old, new)))
        print(f"| {digit} | " + " | ".join(f"{share:.0%}" for share in found[-1]) + " |")
    print("| **mean** | " + " | ".join(f"{share:.0%}" for share in np.mean(found, axis=0)) + " |")


if __name__ == "__main__":
    main()
