"""Rows that leave the subspace of their basis, so that every statistic has something to say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest

from monitor.basis import Basis
from monitor.fitting import fitted
from monitor.profiles import Profile, profile
from tests.rows import batch, topics


@dataclass(frozen=True)
class Seen:
    """vectors (n, d); y (n, r) their coordinates, computed in float64; entities (n,); profile."""

    vectors: npt.NDArray[np.float32]
    y: npt.NDArray[np.float64]
    entities: list[str]
    basis: Basis
    profile: Profile


@pytest.fixture(scope="session")
def seen() -> Seen:
    """600 rows in 20 dimensions; the basis knows the first 12."""
    rng = np.random.default_rng(11)
    known = topics(400, rng, d=20)
    known[:, 12:] = 0
    basis = fitted(known)
    vectors = topics(600, rng, d=20)
    y = (vectors.astype(np.float64) - basis.x0) @ basis.components.astype(np.float64)
    entities = [f"u{i % 90}" for i in range(600)]
    return Seen(vectors, y, entities, basis, profile([batch(vectors, entities)], basis))
