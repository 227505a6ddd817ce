"""A sample of rows to fit a basis on, the same whatever order the rows come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from monitor.basis import BUCKETS
from monitor.model import Batch
from monitor.rowkeys import keys, usable
from monitor.stats.hashing import row_hashes

MOST_ROWS = 200_000
MOST_BYTES = 64 << 20
FITTED_BUCKETS = 8
LEAST_FITTED = 64

Float32 = npt.NDArray[np.float32]
_Hashed = tuple[Float32, npt.NDArray[np.uint64]]
"""Rows (m, d) and the hashes of their content (m,)."""


def fitting_rows(batches: Callable[[], Iterable[Batch]], dim: int) -> tuple[Float32, int]:
    """Rows (m, dim) to fit a space's basis on, and in how many of the 32 buckets they lie.

    Rows that a basis was fitted on lie closer to it than fresh rows do. So it is fitted on the
    first 8 buckets alone, a quarter of the entities, and decisions leave these buckets out, in
    every window. Where that gives under 64 rows, or most of them, it is all rows and no bucket.
    """
    outside = 0

    def inside() -> Iterator[Batch]:
        nonlocal outside
        for batch in batches():
            fits = keys(batch).buckets(BUCKETS) < FITTED_BUCKETS
            outside += int((usable(batch) & ~fits).sum())
            yield batch.take(np.flatnonzero(fits))

    rows = hash_sample(inside(), dim)
    if len(rows) >= LEAST_FITTED and outside >= len(rows):
        return rows, FITTED_BUCKETS
    return hash_sample(batches(), dim), 0


def hash_sample(batches: Iterable[Batch], dim: int) -> Float32:
    """The usable rows (m, dim) with the smallest content hashes, ordered by hash.

    At most 200,000 rows or 64 MiB. Equal rows are kept or left out together, so that their share
    among the kept stays what it was; of several sources in one stream the same share is kept.
    """
    limit = max(16, min(MOST_ROWS, MOST_BYTES // (4 * dim)))
    kept = [(np.empty((0, dim), np.float32), np.empty(0, np.uint64))]
    ceiling = np.uint64(2**64 - 1)
    for batch in batches:
        hashes = row_hashes(batch.vectors)
        wanted = np.flatnonzero(usable(batch) & (hashes <= ceiling))
        kept.append((batch.vectors[wanted], hashes[wanted]))
        if sum(len(hashes) for _, hashes in kept) > limit + limit // 2:
            kept = [_smallest(kept, limit)]
            ceiling = kept[0][1][-1]
    return _smallest(kept, limit)[0]


def _smallest(kept: list[_Hashed], limit: int) -> _Hashed:
    hashes = np.concatenate([hashes for _, hashes in kept])
    order = np.argsort(hashes, kind="stable")[:limit]
    return np.concatenate([rows for rows, _ in kept])[order], hashes[order]
