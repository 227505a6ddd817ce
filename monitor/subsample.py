"""A sample of rows to fit a basis on, the same whatever order the rows come in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt

from monitor.basis import BUCKETS
from monitor.batch import Batch
from monitor.parallel import mapped
from monitor.rowkeys import keys, usable
from monitor.stats.hashing import row_hashes

MOST_ROWS = 200_000
MOST_BYTES = 64 << 20
FITTED_BUCKETS = 8
LEAST_FITTED = 64
_HIGHEST = 2**64 - 1
_SPARE = 1.05
"""How many times as many rows to take as are wanted, where a guess says which these will be."""

Float32 = npt.NDArray[np.float32]
Stream = Callable[[], Iterable[Batch]]
_Hashed = tuple[Float32, npt.NDArray[np.uint64]]
"""Rows (m, d) and the hashes of their content (m,)."""


def fitting_rows(batches: Stream, dim: int) -> tuple[Float32, int]:
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

    rows = hash_sample([inside], dim)
    if len(rows) >= LEAST_FITTED and outside >= len(rows):
        return rows, FITTED_BUCKETS
    return hash_sample([batches], dim), 0


def hash_sample(streams: Sequence[Stream], dim: int, expected: int | None = None) -> Float32:
    """The usable rows (m, dim) with the smallest content hashes, ordered by hash.

    At most 200,000 rows or 64 MiB of all streams, which are read at the same time. Equal rows are
    kept or left out together, so that their share among the kept stays what it was; of each
    stream the same share is kept.

    expected: how many rows there are. It lets most rows go at once; should too few be left, as
    where many are equal, the streams are read anew.
    """
    limit = max(16, min(MOST_ROWS, MOST_BYTES // (4 * dim)))
    if expected is not None and expected > _SPARE * limit:
        found = _of_streams(streams, limit, int(_SPARE * limit / expected * _HIGHEST))
        if sum(len(hashes) for _, hashes in found) >= limit:
            return _smallest(found, limit, dim)
    return _smallest(_of_streams(streams, limit, _HIGHEST), limit, dim)


def _of_streams(streams: Sequence[Stream], limit: int, ceiling: int) -> list[_Hashed]:
    """The rows of each stream that may be among the smallest of all: they are so of their own."""
    return [one for found in mapped(lambda s: _kept(s(), limit, ceiling), streams) for one in found]


def _kept(batches: Iterable[Batch], limit: int, ceiling: int) -> list[_Hashed]:
    """At least the `limit` rows of smallest hash, but none of a hash above the ceiling."""
    kept: list[_Hashed] = []
    highest = np.uint64(ceiling)
    for batch in batches:
        hashes = row_hashes(batch.vectors)
        low = hashes <= highest  # Most rows are let go unseen.
        rows, own = Batch(batch.vectors[low], batch.status[low]), hashes[low]
        able = usable(rows)
        kept.append((rows.vectors[able], own[able]))
        if sum(len(hashes) for _, hashes in kept) > limit + limit // 2:
            places = _places(kept, limit)
            kept = [(r[at >= 0], h[at >= 0]) for (r, h), at in zip(kept, places, strict=True)]
            highest = max(hashes.max(initial=np.uint64(0)) for _, hashes in kept)
    return kept


def _smallest(kept: list[_Hashed], limit: int, dim: int) -> Float32:
    """The first rows by hash; pieces are let go as they are copied, for they may be large."""
    places = _places(kept, limit)
    found = np.empty((sum(int((at >= 0).sum()) for at in places), dim), np.float32)
    for at in reversed(places):
        rows, _ = kept.pop()
        found[at[at >= 0]] = rows[at >= 0]
    return found


def _places(kept: Sequence[_Hashed], limit: int) -> list[npt.NDArray[np.intp]]:
    """For each row of each piece where it stands by hash, -1 past the limit."""
    if not kept:
        return []
    hashes = np.concatenate([hashes for _, hashes in kept])
    order = np.argsort(hashes, kind="stable")[:limit]
    places = np.full(len(hashes), -1)
    places[order] = np.arange(len(order))
    return np.split(places, np.cumsum([len(hashes) for _, hashes in kept])[:-1])
