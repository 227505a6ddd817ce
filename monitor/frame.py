"""Rows seen through a basis: the one pass over the vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.basis import LEADING, Basis
from monitor.errors import DimensionError
from monitor.model import ROW_OK, Batch
from monitor.rowkeys import keys
from monitor.stats.base import Rows
from monitor.stats.features import UNIT
from monitor.stats.histograms import COMPONENT_BINS, SCALAR_BINS
from monitor.stats.quality import Quality
from monitor.stats.sample import COLUMN

CHUNK = 8192
"""Most rows seen at once: large enough for the matrix products, small enough for the cache."""

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Projection:
    """centred (n, d); y (n, r); energy, along_mean (n,): ‖x−x0‖² and (x−x0)·x0; peak (n,)."""

    centred: Float32
    y: Float32
    energy: Float32
    along_mean: Float32
    peak: Float32


class Frame:
    """A basis made ready for folding; `sample` rows are kept by each profile, with `text` as the
    column that tells people what a row is."""

    def __init__(self, basis: Basis, sample: int = 2048, text: str | None = None) -> None:
        self.basis = basis
        self.text = text
        self.shape = basis.shape(sample)
        self._projector = np.hstack([basis.components, basis.x0[:, None]])
        self._energy0 = float(np.square(basis.x0, dtype=np.float64).sum())
        self._half_centres = 0.5 * np.square(basis.codebook).sum(axis=1)

    def rows(self, batch: Batch) -> Rows:
        """What the statistics fold, from at most `CHUNK` rows; DimensionError on another d."""
        if batch.dim != self.shape.d:
            raise DimensionError(
                f"vectors have {batch.dim} dimensions, the basis has {self.shape.d}",
                "is this the right space, or was the encoder changed?",
            )
        known = keys(batch)
        buckets = known.buckets(self.shape.buckets)
        counts = self._counts(known.states, buckets)
        usable = np.flatnonzero(known.states == ROW_OK)
        usable = usable[np.argsort(buckets[usable], kind="stable")]
        present, starts = np.unique(buckets[usable], return_index=True)
        return self._seen(
            batch if _is_whole(usable, len(batch)) else batch.take(usable),
            (present, starts),
            (known.hashes[usable], known.identities[usable], known.entities[usable]),
            counts,
            _bounds(batch),
        )

    def parts(self, batch: Batch, parts: int) -> npt.NDArray[np.intp]:
        """Which of so many random parts (n,) each row belongs to; rows of one entity to one."""
        entities = keys(batch).entities
        # Bits that did not choose the bucket.
        return ((entities // np.uint64(self.shape.buckets)) % np.uint64(parts)).astype(np.intp)

    def raw_scalars(self, vectors: Float32) -> Float32:
        """The scalars (n, S) of usable rows before standardising, in the order of their names."""
        chunks = [vectors[i : i + CHUNK] for i in range(0, len(vectors), CHUNK)]
        return np.vstack(
            [self._scalars(self._projected(c), *self._assigned_raw(c)) for c in chunks]
        )

    def _assigned_raw(self, vectors: Float32) -> tuple[Float32, Float32]:
        _, first, second = self._assigned(self._projected(vectors).y)
        return first, second

    def _counts(
        self, states: npt.NDArray[np.intp], buckets: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.int64]:
        width = len(Quality.COUNTERS)
        found = np.bincount(buckets * width + states, minlength=self.shape.buckets * width)
        counts = found.astype(np.int64).reshape(self.shape.buckets, width)
        counts[:, 0] = counts.sum(axis=1)
        return counts

    def _projected(self, vectors: Float32) -> _Projection:
        n, d = vectors.shape
        centred = np.zeros((_padded(n, d * self._projector.shape[1]), d), np.float32)
        np.subtract(vectors, self.basis.x0, out=centred[:n])
        both = centred @ self._projector
        return _Projection(
            centred[:n],
            np.ascontiguousarray(both[:, :-1]),
            np.einsum("ij,ij->i", centred, centred)[:n],
            both[:n, -1],
            np.maximum(vectors.max(axis=1), -vectors.min(axis=1)),
        )

    def _assigned(self, y: Float32) -> tuple[npt.NDArray[np.intp], Float32, Float32]:
        """Nearest centre, and the distances to it and to the second nearest, of padded rows."""
        lead = y @ self.basis.codebook.T - self._half_centres
        energy = np.einsum("ij,ij->i", y, y)
        cluster = lead.argmax(axis=1)
        row = np.arange(len(y))
        nearest = lead[row, cluster]
        lead[row, cluster] = -np.inf
        second = lead.max(axis=1) if lead.shape[1] > 1 else nearest
        return (
            cluster,
            np.sqrt(np.maximum(energy - 2 * nearest, 0)),
            np.sqrt(np.maximum(energy - 2 * second, 0)),
        )

    def _scalars(self, seen: _Projection, first: Float32, second: Float32) -> Float32:
        n = len(seen.energy)
        y, first, second = seen.y[:n], first[:n], second[:n]
        tiny = np.float32(1e-12)
        norm2 = np.maximum(seen.energy + 2 * seen.along_mean + self._energy0, tiny)
        outside = np.maximum(seen.energy - np.einsum("ij,ij->i", y, y), 0)
        mean_norm = np.sqrt(max(self._energy0, 1e-12))
        return np.stack(
            [
                0.5 * np.log(norm2),
                # The floor keeps rounding noise of a full-rank basis from being an event.
                np.log(outside / np.maximum(seen.energy, tiny) + 1e-4),
                np.log(first + 1e-6 * self.basis.scale),
                (second - first) / (second + tiny),
                (seen.along_mean + self._energy0) / np.sqrt(norm2) / mean_norm,
                np.log(seen.peak + tiny),
            ],
            axis=1,
        ).astype(np.float32)

    def _features(self, y: Float32, n: int) -> npt.NDArray[np.int32]:
        angles = y @ self.basis.frequencies
        half = angles.shape[1]
        found = np.empty((n, 2 * half), np.float32)
        np.cos(angles[:n], out=found[:, :half])
        np.sin(angles[:n], out=found[:, half:])
        found *= np.float32(1 / UNIT)
        return np.rint(found, out=found).astype(np.int32)

    def _component_bins(self, y: Float32) -> npt.NDArray[np.intp]:
        low, width = self.basis.component_grid()
        # Clipped before the cast: what lies far out of the grid is past any integer.
        return np.asarray(np.clip((y[:, :LEADING] - low) / width, 0, COMPONENT_BINS - 1), np.intp)

    def _scalar_bins(self, scalars: Float32) -> npt.NDArray[np.intp]:
        low, width = self.basis.scalar_grid()
        top = np.float32(SCALAR_BINS - 1)
        return np.asarray(np.clip((scalars - low) / width, 0, top), np.intp)

    def _seen(
        self,
        batch: Batch,
        buckets: tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]],
        keys: tuple[npt.NDArray[np.uint64], ...],
        counts: npt.NDArray[np.int64],
        bounds: tuple[int | None, int | None],
    ) -> Rows:
        n = len(batch)
        seen = self._projected(batch.vectors)
        cluster, first, second = self._assigned(seen.y)
        scalars = self._scalars(seen, first, second)
        scalars = (scalars - self.basis.scalar_mean) / self.basis.scalar_deviation
        y = seen.y[:n]
        outside = np.maximum(seen.energy - np.einsum("ij,ij->i", y, y), 0)
        return Rows(
            shape=self.shape,
            n=n,
            starts=buckets[1],
            present=buckets[0],
            centred=seen.centred,
            coordinates=y,
            features=self._features(seen.y, n),
            cluster=cluster[:n],
            distance=first[:n],
            novelty=np.sqrt(np.square(first[:n]) + outside),
            scalars=scalars,
            component_bins=self._component_bins(y),
            scalar_bins=self._scalar_bins(scalars),
            hashes=keys[0],
            identities=keys[1],
            entities=keys[2],
            counts=counts,
            first_us=bounds[0],
            last_us=bounds[1],
            table=_table(batch, self.text),
        )


def _bounds(batch: Batch) -> tuple[int | None, int | None]:
    if batch.at is None or np.isnat(batch.at).all():
        return None, None
    us = batch.at[~np.isnat(batch.at)].astype("datetime64[us]").astype(np.int64)
    return int(us.min()), int(us.max())


def _padded(n: int, per_row: int) -> int:
    """Rows to compute so that a row's result does not depend on how many others are with it:
    OpenBLAS takes another kernel below a million multiplications and for ragged tiles."""
    least = -(-(1 << 21) // max(per_row, 1))
    return -(-max(n, min(least, CHUNK)) // 256) * 256


def _is_whole(rows: npt.NDArray[np.intp], n: int) -> bool:
    """Whether these are all n rows in their order, so that none need be copied."""
    return len(rows) == n and bool((np.diff(rows) == 1).all())


def _table(batch: Batch, text: str | None) -> pa.Table:
    n = len(batch)
    at = np.full(n, np.datetime64("NaT", "us")) if batch.at is None else batch.at
    ids = pa.nulls(n, pa.string()) if batch.ids is None else batch.ids
    own = {"_at": pa.array(at.astype("datetime64[us]"), pa.timestamp("us", "UTC")), "_id": ids}
    texts = batch.columns.get(text) if text else None
    own["_text"] = pa.nulls(n, pa.string()) if texts is None else texts.cast(pa.string())
    others = {COLUMN + k: values for k, values in batch.columns.items() if k != text}
    return pa.table({**own, **others})
