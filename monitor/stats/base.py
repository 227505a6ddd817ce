"""What a mergeable statistic is, and the rows it is folded from.

The law: folding rows all at once equals adding the folds of any split of them; the empty fold
is the identity; order does not matter (integers exactly, floats to 1e-9 of the sum of
magnitudes, the products of coordinates, which are multiplied in float32, to 1e-6); state survives
`arrays` and `from_arrays`. Ratios, shares and p-values are never state: they are computed last,
from totals.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Shape:
    """The sizes a frame gives to its statistics.

    d: dimension of the vectors; r: principal components; leading: components watched one by
    one; crossed: components whose products are kept per bucket; frequencies: random Fourier
    frequencies; clusters; scalars; buckets; sample: rows kept.
    """

    d: int
    r: int
    leading: int
    crossed: int
    frequencies: int
    clusters: int
    scalars: int
    buckets: int
    sample: int


@dataclass(frozen=True, eq=False)
class Rows:
    """A chunk of n usable rows as one frame sees them, sorted by bucket.

    shape: sizes of the frame; n: rows; starts, present: first row of each bucket that occurs,
    and which buckets these are; total, squares (d,) float64: sums of x − x0 and of its square;
    features (B, 2D) int64: sums of each bucket in units of 2**-20; both are taken in the pass that
    projects, so that neither vectors nor features need be kept; coordinates (n, r) float32;
    cluster (n,), distance (n,) to its centre within the subspace, novelty (n,) in full dimension;
    scalars (n, S) float32, standardised; bins of the leading components (n, leading) and of the
    scalars (n, S); hashes of the vectors, identities of the rows (vector, id and time together)
    and entities, (n,) uint64 each; counts (B, 6) int64 as in `Quality`, over all rows of the
    chunk, usable or not; first_us, last_us: microseconds since 1970; table: id, time and further
    columns of all rows of the chunk as they came; order (n,): which row of the table each is.
    """

    shape: Shape
    n: int
    starts: npt.NDArray[np.intp]
    present: npt.NDArray[np.intp]
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]
    coordinates: npt.NDArray[np.float32]
    features: npt.NDArray[np.int64]
    cluster: npt.NDArray[np.intp]
    distance: npt.NDArray[np.float32]
    novelty: npt.NDArray[np.float32]
    scalars: npt.NDArray[np.float32]
    component_bins: npt.NDArray[np.intp]
    scalar_bins: npt.NDArray[np.intp]
    hashes: npt.NDArray[np.uint64]
    identities: npt.NDArray[np.uint64]
    entities: npt.NDArray[np.uint64]
    counts: npt.NDArray[np.int64]
    first_us: int | None
    last_us: int | None
    table: pa.Table
    order: npt.NDArray[np.intp]

    def by_bucket(self) -> Iterator[tuple[int, slice]]:
        """Each bucket that occurs, and the rows that are in it."""
        stops = [*self.starts.tolist(), self.n][1:]
        for bucket, start, stop in zip(
            self.present.tolist(), self.starts.tolist(), stops, strict=True
        ):
            yield bucket, slice(start, stop)

    def bucket_sums(self, values: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """Sums of `values` (n, ...) over the rows of each bucket, as (B, ...)."""
        sums = np.zeros((self.shape.buckets, *values.shape[1:]), dtype)
        # One reduction a bucket: `add.reduceat` is seven to thirty times slower on rows.
        for bucket, rows in self.by_bucket():
            sums[bucket] = np.add.reduce(values[rows], axis=0, dtype=dtype)
        return sums


class Statistic(ABC):
    """A commutative monoid under `+` with a fold; see the law above."""

    @classmethod
    @abstractmethod
    def fold(cls, rows: Rows) -> Self:
        """The statistic of these rows alone; of no rows, the identity."""

    @abstractmethod
    def __add__(self, other: Self) -> Self:
        """The statistic of both folds' rows together."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """The whole state as named arrays without Python objects."""

    @classmethod
    @abstractmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """The statistic whose `arrays` these are."""


@dataclass(frozen=True, eq=False)
class Sums(Statistic):
    """A statistic whose every field is an array that adds."""

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def arrays(self) -> Arrays:
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        return cls(*(arrays[f.name] for f in fields(cls)))
