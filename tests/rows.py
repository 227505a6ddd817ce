"""Rows with known truth, for the tests of statistics, of scores and of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.model import ROW_OK, Batch

Floats = npt.NDArray[np.floating[Any]]


def batch(vectors: Floats, entities: Sequence[object] | None = None) -> Batch:
    """A batch of these vectors, of rows that a source found nothing wrong with."""
    status = np.full(len(vectors), ROW_OK, np.uint8)
    named = None if entities is None else pa.array([str(e) for e in entities], pa.string())
    return Batch(np.ascontiguousarray(vectors, np.float32), status, entities=named)


def topics(
    n: int,
    rng: np.random.Generator,
    *,
    weights: Sequence[float] = (3, 2, 2, 1, 1),
    d: int = 16,
    spread: float = 0.4,
) -> npt.NDArray[np.float32]:
    """n rows (n, d) about as many centres as there are `weights`; always the same centres."""
    centres = np.random.default_rng(99).normal(size=(len(weights), d))
    share = np.asarray(weights, float) / np.sum(weights)
    picked = rng.choice(len(weights), n, p=share)
    return (centres[picked] + spread * rng.normal(size=(n, d))).astype(np.float32)
