"""What a representation costs, and how many of its dimensions carry it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.embedders.embedded import Embedded

SAMPLE = 20_000


def cost(found: Embedded, outputs: int, seed: int) -> dict[str, Any]:
    """Sizes, weights and dimensions as JSON.

    outputs: M of the layer that reads the vectors. One-hot input of c categories costs it c × M
    weights; vectors cost d × M, and their table c × d. compression: bytes of the source over
    those of the vectors, as float32 or sparse. carried: see `carried`.
    """
    n, d = found.vectors.shape
    sparse = not isinstance(found.vectors, np.ndarray)
    size = n * d * 4
    if sparse:
        m = found.vectors
        size = m.data.nbytes + m.indices.nbytes + m.indptr.nbytes
    weights = None
    if found.categories is not None:
        c = found.categories
        weights = {"outputs": outputs, "one_hot": c * outputs}
        if not sparse:
            weights |= {"dense": d * outputs, "table": c * d}
    return {
        "rows": n,
        "dim": d,
        "bytes": size,
        "source_bytes": found.source_bytes,
        "compression": found.source_bytes / size,
        "weights": weights,
        "carried": None if sparse else carried(found.vectors, seed),
    }


def carried(vectors: npt.NDArray[np.float32], seed: int) -> dict[str, float]:
    """How many dimensions carry vectors (n, d): of up to 20,000 rows, rows of NaN left out.

    participation: (Σλ)² / Σλ² of the covariance's eigenvalues λ, 1 to d; d90, d99: principal
    components that hold 90 and 99 % of the variance. nan for fewer than two rows.

    >>> carried(np.array([[0, 0], [2, 0], [0, 1], [2, 1]], np.float32), 0)
    {'participation': 1.47..., 'd90': 2, 'd99': 2}
    """
    rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
    if len(rows) > SAMPLE:
        rows = np.random.default_rng(seed).choice(rows, SAMPLE, replace=False)
    if len(rows) < 2:
        return {"participation": float("nan"), "d90": float("nan"), "d99": float("nan")}
    centred = vectors[rows] - vectors[rows].mean(axis=0, dtype=np.float64)
    values = np.maximum(np.linalg.eigvalsh(centred.T @ centred)[::-1], 0)
    total = values.sum()
    if not total:
        return {"participation": 0.0, "d90": 0, "d99": 0}
    shares = np.cumsum(values) / total
    return {
        "participation": float(total**2 / (values**2).sum()),
        "d90": int(np.searchsorted(shares, 0.9 - 1e-12)) + 1,
        "d99": int(np.searchsorted(shares, 0.99 - 1e-12)) + 1,
    }
