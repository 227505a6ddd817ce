"""What rows are before any basis: usable or not, and what they are known and grouped by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import ROW_NULL, ROW_OK, ROW_WRONG_DIM, Batch
from monitor.stats.hashing import key_hashes, mixed, row_hashes

LARGEST = 1e15
"""Greatest magnitude that can be measured: squares of what is larger overflow float32 sums, and
one such row would make a window's every number meaningless. It counts as infinite."""
_NAN, _INF, _ZERO = 3, 4, 5

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Keys:
    """Of each row of a batch (n,): state 0..5, in the order of `Quality.COUNTERS`; peak, the
    largest magnitude in it; hash of the vector; identity, of vector, id and time together;
    entity, what it moves together with."""

    states: npt.NDArray[np.intp]
    peaks: npt.NDArray[np.float32]
    hashes: Hashes
    identities: Hashes
    entities: Hashes

    def buckets(self, n: int) -> npt.NDArray[np.intp]:
        """Which of n buckets each row is in; rows of one entity in one."""
        return (self.entities % np.uint64(n)).astype(np.intp)


def keys(batch: Batch) -> Keys:
    """The keys of a batch. Without a column of entities, equal vectors move together, but rows
    without a usable vector go by id and time, for else all nulls would be one entity."""
    (found, peaks), hashes = _states(batch), row_hashes(batch.vectors)
    identities = _identities(batch, hashes)
    if batch.entities is not None:
        return Keys(found, peaks, hashes, identities, key_hashes(batch.entities))
    entities = np.where(found == ROW_OK, hashes, identities)
    return Keys(found, peaks, hashes, identities, entities)


def usable(batch: Batch) -> npt.NDArray[np.bool_]:
    """Which rows (n,) can be measured: not null, of the right dimension, of magnitudes up to
    `LARGEST`, not all zero."""
    return np.asarray(_states(batch)[0] == ROW_OK)


def _states(batch: Batch) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """Each row's state and largest magnitude (n,)."""
    assert (ROW_OK, ROW_NULL, ROW_WRONG_DIM) == (0, 1, 2)
    found = batch.status.astype(np.intp)
    with np.errstate(over="ignore", invalid="ignore"):
        low, high = (
            batch.vectors.min(axis=1, initial=np.inf),
            batch.vectors.max(axis=1, initial=-np.inf),
        )
    fine = found == ROW_OK
    found[fine & (low == 0) & (high == 0)] = _ZERO
    found[fine & ((low < -LARGEST) | (high > LARGEST))] = _INF
    found[fine & np.isnan(low)] = _NAN
    return found, np.maximum(high, -low)


def _identities(batch: Batch, hashes: Hashes) -> Hashes:
    found = hashes
    if batch.ids is not None:
        found = mixed(found ^ key_hashes(batch.ids))
    if batch.at is not None:
        found = mixed(found ^ batch.at.astype("datetime64[us]").view(np.uint64))
    return found
