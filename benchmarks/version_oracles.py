"""The measures of two versions beside those of other libraries, on the same dishes.

    pip install --target REFERENCES rsatoolbox scikit-dimension torch
    git clone https://github.com/mklabunde/resi RESI
    python benchmarks/version_oracles.py REFERENCES RESI [--rows 600]

The dishes are those of the sample data whose vectors are no copies: the other libraries break ties
as they come. Prints a Markdown table: the measure, the library's value, ours, and the relative
difference.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.version_cases import scene
from monitor.versions.alignment import moments, procrustes
from monitor.versions.dimension import two_nn
from monitor.versions.neighbours import Pool, jaccard, nearest
from monitor.versions.pairing import Pairs, pairing
from monitor.versions.ranking import rank_similarity, second_order
from monitor.versions.rsa import rsa
from monitor.versions.similarity import linear_cka

K = 10

Row = tuple[str, str, float, float]


def ours(pairs: Pairs) -> dict[str, float]:
    """By name: our measures of all items of both versions, in the terms of the other libraries."""
    x, y = pairs.a.vectors, pairs.b.vectors
    every = np.arange(len(x))
    near, apart = [], []
    for vectors in (x, y):
        pool = Pool(vectors, every, "cosine")
        near.append(nearest(pool, pool.points(every), every, K).positions)
        pool = Pool(vectors, every, "l2")
        two = nearest(pool, pool.points(every), every, 2)
        apart.append(np.sqrt(-2 * two.similarity.astype(np.float64)))
    fit = procrustes(moments([(x, y)]))
    return {
        "distance after Procrustes": float(np.sqrt(2 - 2 * np.sqrt(fit.r2))),
        "Jaccard of 10 neighbours": float(jaccard(*near, K).mean()),
        "rank similarity of 10": float(rank_similarity(*near).mean()),
        "second-order cosine of 10": float(second_order(pairs, every, every, tuple(near)).mean()),
        "linear CKA": linear_cka(x, y, debiased=False),
        "RSA, Spearman of distances": rsa(x, y).value,
        "TwoNN, first version": two_nn(*apart[0].T).value,
        "TwoNN, second version": two_nn(*apart[1].T).value,
    }


def of_resi(x: Any, y: Any) -> dict[str, Callable[[], float]]:
    """Of ReSi (Klabunde et al. 2025)."""
    from repsim.measures import cka, nearest_neighbor, procrustes, rsa

    far = rsa.representational_similarity_analysis
    near = nearest_neighbor.second_order_cosine_similarity
    size = procrustes.orthogonal_procrustes_centered_and_normalized
    jaccard_of, rank = nearest_neighbor.jaccard_similarity, nearest_neighbor.rank_similarity
    return {
        "distance after Procrustes": partial(size, x, y, "nd"),
        "Jaccard of 10 neighbours": partial(jaccard_of, x, y, "nd", K, n_jobs=1),
        "rank similarity of 10": partial(rank, x, y, "nd", K, n_jobs=1),
        "second-order cosine of 10": partial(near, x, y, "nd", K, 1, 1),
        "linear CKA": partial(cka.centered_kernel_alignment, x, y, "nd"),
        "RSA, Spearman of distances": partial(far, x, y, "nd", inner="euclidean"),
    }


def of_rsatoolbox(x: Any, y: Any) -> dict[str, Callable[[], float]]:
    """Of rsatoolbox."""
    from rsatoolbox.data import Dataset
    from rsatoolbox.rdm import calc_rdm, compare

    apart = [calc_rdm(Dataset(side), method="euclidean") for side in (x, y)]
    return {"RSA, Spearman of distances": lambda: float(compare(*apart, method="spearman")[0, 0])}


def of_scikit_dimension(x: Any, y: Any) -> dict[str, Callable[[], float]]:
    """Of scikit-dimension."""
    from skdim.id import TwoNN

    return {
        f"TwoNN, {name} version": lambda side=side: TwoNN().fit(side).dimension_
        for name, side in (("first", x), ("second", y))
    }


LIBRARIES = {
    "ReSi": of_resi,
    "rsatoolbox": of_rsatoolbox,
    "scikit-dimension": of_scikit_dimension,
}


def main(asked: argparse.Namespace) -> None:
    sys.path += [str(path) for path in asked.paths]
    s = scene(0, asked.rows)
    keep = np.sort(np.unique(s.x, axis=0, return_index=True)[1])
    a, b = (s.version(side[keep]) for side in (s.x, s.other))
    found = ours(Pairs(a, b, pairing(s.a.ids.take(keep), s.a.ids.take(keep))))
    x, y = (side.vectors.astype(np.float64) for side in (a, b))
    print(f"{len(keep)} dishes, MiniLM and its last four layers, numpy {np.__version__}\n")
    print("| measure | library | theirs | ours | difference |\n|---|---|---|---|---|")
    for library, measures in LIBRARIES.items():
        for name, measure in measures(x, y).items():
            theirs = measure()
            apart = abs(found[name] / theirs - 1)
            print(f"| {name} | {library} | {theirs:.9f} | {found[name]:.9f} | {apart:.1e} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path, help="where the libraries are")
    parser.add_argument("--rows", type=int, default=600)
    main(parser.parse_args())
