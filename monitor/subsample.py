"""A sample of rows to fit a basis on, the same whatever order the rows come in."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from monitor.frame import usable
from monitor.model import Batch
from monitor.stats.hashing import row_hashes

MOST_ROWS = 200_000
MOST_BYTES = 64 << 20


def hash_sample(batches: Iterable[Batch], dim: int) -> npt.NDArray[np.float32]:
    """The usable rows (m, dim) with the smallest content hashes, ordered by hash.

    At most 200,000 rows or 64 MiB. Equal rows are kept or left out together, so that their share
    among the kept stays what it was; of several sources in one stream the same share is kept.
    """
    limit = max(16, min(MOST_ROWS, MOST_BYTES // (4 * dim)))
    rows, hashes = np.empty((0, dim), np.float32), np.empty(0, np.uint64)
    ceiling = np.uint64(2**64 - 1)
    for batch in batches:
        fresh = row_hashes(batch.vectors)
        wanted = np.flatnonzero(usable(batch) & (fresh <= ceiling))
        rows = np.vstack([rows, batch.vectors[wanted]])
        hashes = np.append(hashes, fresh[wanted])
        if len(hashes) > limit + limit // 2:
            rows, hashes = _smallest(rows, hashes, limit)
            ceiling = hashes[-1]
    return _smallest(rows, hashes, limit)[0]


def _smallest(
    rows: npt.NDArray[np.float32], hashes: npt.NDArray[np.uint64], limit: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint64]]:
    order = np.argsort(hashes, kind="stable")[:limit]
    return rows[order], hashes[order]
