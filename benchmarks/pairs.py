"""Two sets of vectors compared as `embmon drift` does, for the scripts beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.batch import ROW_OK, Batch
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.profiles import Profile, alike_parts, parted, products_kept
from monitor.scores.effect import Effect, effect, n_effective
from monitor.scores.two_sample import TwoSample, two_sample

SAMPLE_DATA = Path(__file__).parent.parent / "sample_data"
LEVEL = 0.05

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Side:
    """vectors (n, d), and the entity of each row where rows are not independent."""

    vectors: Vectors
    entities: Sequence[str] | None = None

    def profiles(self, frame: Frame, parts: int) -> tuple[list[Profile], Profile]:
        named = None if self.entities is None else pa.array(self.entities, pa.string())
        status = np.full(len(self.vectors), ROW_OK, np.uint8)
        rows = Batch(np.ascontiguousarray(self.vectors), status, entities=named)
        return parted([rows], frame, parts)


@dataclass(frozen=True)
class Compared:
    """The test, the size of the difference, and whether both together are drift."""

    test: TwoSample
    effect: Effect

    @property
    def told_apart(self) -> bool:
        return self.test.p_value <= LEVEL

    @property
    def drift(self) -> bool:
        return self.told_apart and self.effect.passes()


def compared(a: Side, b: Side, seed: int = 0) -> Compared:
    """`b` against `a`, in a basis fitted on both."""
    basis = fitted(np.vstack([a.vectors, b.vectors]), seed=seed, fine=True)
    parts = alike_parts(len(a.vectors), len(b.vectors))
    frame = Frame(basis, sample=0, crossed=products_kept(basis, parts))
    first, reference = a.profiles(frame, parts[0])
    second, current = b.profiles(frame, parts[1])
    sizes = n_effective(basis, reference), n_effective(basis, current)
    test = two_sample(basis, first, second, level=LEVEL, seed=seed)
    return Compared(test, effect(basis, reference, current, sizes))


def embeddings(name: str) -> tuple[pa.Table, Vectors]:
    """The other columns of a file of sample data, and its vectors (n, 384)."""
    table = pq.read_table(SAMPLE_DATA / f"{name}.parquet")
    flat = table["embedding"].combine_chunks().flatten().to_numpy()
    return table.drop(["embedding"]), flat.astype(np.float32).reshape(table.num_rows, -1)
