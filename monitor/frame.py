"""Rows seen through a basis: the one pass over the vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

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
"""Most rows seen at once: enough of each bucket to be summed at one go."""
BLOCK = 256
"""Rows multiplied at once. Their full width stays in the cache, and as every block is padded to
this length, no number of a row depends on how many others are with it (OpenBLAS multiplies small
matrices, and the rows that its tiles leave over, in another order)."""

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the pass over the vectors leaves of n rows.

    y (n, r); energy, along_mean (n,): ‖x−x0‖² and (x−x0)·x0; inside (n,): ‖y‖²; cluster (n,):
    nearest centre; first, second (n,): distances to it and to the second nearest; features
    (n, 2D) int32; total, squares (d,): sums of x−x0 and of its square.
    """

    y: Float32
    energy: Float32
    along_mean: Float32
    inside: Float32
    cluster: npt.NDArray[np.intp]
    first: Float32
    second: Float32
    features: npt.NDArray[np.int32]
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def empty(cls, n: int, d: int, r: int, features: int) -> Self:
        """Room for n rows."""
        energy, along_mean, inside, first, second = np.empty((5, n), np.float32)
        return cls(
            np.empty((n, r), np.float32),
            *(energy, along_mean, inside, np.empty(n, np.intp), first, second),
            np.empty((n, features), np.int32),
            *np.zeros((2, d)),
        )


class Frame:
    """A basis made ready for folding; `sample` rows are kept by each profile, with `text` as the
    column that tells people what a row is."""

    def __init__(self, basis: Basis, sample: int = 2048, text: str | None = None) -> None:
        self.basis = basis
        self.text = text
        self.shape = basis.shape(sample)
        self._projector = np.hstack([basis.components, basis.x0[:, None]])
        self._energy0 = float(np.square(basis.x0, dtype=np.float64).sum())
        self._centres = np.ascontiguousarray(basis.codebook.T)
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
        order = np.flatnonzero(known.states == ROW_OK)
        order = order[np.argsort(buckets[order], kind="stable")]
        present, starts = np.unique(buckets[order], return_index=True)
        seen = self._seen(batch.vectors, order)
        scalars = self._scalars(seen, known.peaks[order])
        scalars = (scalars - self.basis.scalar_mean) / self.basis.scalar_deviation
        outside = np.maximum(seen.energy - seen.inside, 0)
        first_us, last_us = _bounds(batch)
        return Rows(
            shape=self.shape,
            n=len(order),
            starts=starts,
            present=present,
            total=seen.total,
            squares=seen.squares,
            coordinates=seen.y,
            features=seen.features,
            cluster=seen.cluster,
            distance=seen.first,
            novelty=np.sqrt(np.square(seen.first) + outside),
            scalars=scalars,
            component_bins=self._component_bins(seen.y),
            scalar_bins=self._scalar_bins(scalars),
            hashes=known.hashes[order],
            identities=known.identities[order],
            entities=known.entities[order],
            counts=counts,
            first_us=first_us,
            last_us=last_us,
            table=_table(batch, self.text),
            order=order,
        )

    def parts(self, batch: Batch, parts: int) -> npt.NDArray[np.intp]:
        """Which of so many random parts (n,) each row belongs to; rows of one entity to one."""
        if parts == 1:
            return np.zeros(len(batch), np.intp)
        entities = keys(batch).entities
        # Bits that did not choose the bucket.
        return ((entities // np.uint64(self.shape.buckets)) % np.uint64(parts)).astype(np.intp)

    def raw_scalars(self, vectors: Float32) -> Float32:
        """The scalars (n, S) of usable rows before standardising, in the order of their names."""
        seen = self._seen(vectors, np.arange(len(vectors)))
        return self._scalars(seen, np.abs(vectors).max(axis=1, initial=0))

    def _counts(
        self, states: npt.NDArray[np.intp], buckets: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.int64]:
        width = len(Quality.COUNTERS)
        found = np.bincount(buckets * width + states, minlength=self.shape.buckets * width)
        counts = found.astype(np.int64).reshape(self.shape.buckets, width)
        counts[:, 0] = counts.sum(axis=1)
        return counts

    def _seen(self, vectors: Float32, order: npt.NDArray[np.intp]) -> _Seen:
        """The one pass: rows of `vectors` in this order, a block at a time."""
        n, shape = len(order), self.shape
        found = _Seen.empty(n, shape.d, shape.r, 2 * shape.frequencies)
        centred = np.zeros((BLOCK, shape.d), np.float32)
        for start in range(0, n, BLOCK):
            rows = order[start : start + BLOCK]
            block = centred[: len(rows)]
            np.take(vectors, rows, axis=0, out=block, mode="clip")
            np.subtract(block, self.basis.x0, out=block)
            centred[len(rows) :] = 0
            self._fill(found, slice(start, start + len(rows)), centred)
        return found

    def _fill(self, found: _Seen, rows: slice, centred: Float32) -> None:
        """Writes these rows of `found`, given their full width padded to a block."""
        m = rows.stop - rows.start
        exact = centred[:m].astype(np.float64)
        np.add(found.total, exact.sum(axis=0), out=found.total)
        np.add(found.squares, np.einsum("ij,ij->j", exact, exact), out=found.squares)
        both = centred @ self._projector
        y = np.ascontiguousarray(both[:, :-1])
        found.y[rows] = y[:m]
        found.along_mean[rows] = both[:m, -1]
        np.einsum("ij,ij->i", centred[:m], centred[:m], out=found.energy[rows])
        np.einsum("ij,ij->i", y[:m], y[:m], out=found.inside[rows])
        self._assign(found, rows, (y @ self._centres)[:m])
        angles = y @ self.basis.frequencies
        half = self.shape.frequencies
        for wave, place in ((np.cos, slice(half)), (np.sin, slice(half, None))):
            steps = wave(angles[:m]) * np.float32(1 / UNIT)
            np.copyto(found.features[rows, place], np.rint(steps, out=steps), casting="unsafe")

    def _assign(self, found: _Seen, rows: slice, products: Float32) -> None:
        """Nearest centre, and the distances to it and to the second nearest."""
        lead = np.subtract(products, self._half_centres, out=products)
        cluster = lead.argmax(axis=1)
        row = np.arange(len(lead))
        nearest = lead[row, cluster]
        lead[row, cluster] = -np.inf
        second = lead.max(axis=1) if lead.shape[1] > 1 else nearest
        inside = found.inside[rows]
        found.cluster[rows] = cluster
        found.first[rows] = np.sqrt(np.maximum(inside - 2 * nearest, 0))
        found.second[rows] = np.sqrt(np.maximum(inside - 2 * second, 0))

    def _scalars(self, seen: _Seen, peaks: Float32) -> Float32:
        tiny = np.float32(1e-12)
        first, second = seen.first, seen.second
        norm2 = np.maximum(seen.energy + 2 * seen.along_mean + self._energy0, tiny)
        outside = np.maximum(seen.energy - seen.inside, 0)
        mean_norm = np.sqrt(max(self._energy0, 1e-12))
        return np.stack(
            [
                0.5 * np.log(norm2),
                # The floor keeps rounding noise of a full-rank basis from being an event.
                np.log(outside / np.maximum(seen.energy, tiny) + 1e-4),
                np.log(first + 1e-6 * self.basis.scale),
                (second - first) / (second + tiny),
                (seen.along_mean + self._energy0) / np.sqrt(norm2) / mean_norm,
                np.log(peaks + tiny),
            ],
            axis=1,
        ).astype(np.float32)

    def _component_bins(self, y: Float32) -> npt.NDArray[np.intp]:
        low, width = self.basis.component_grid()
        # Clipped before the cast: what lies far out of the grid is past any integer.
        return np.asarray(np.clip((y[:, :LEADING] - low) / width, 0, COMPONENT_BINS - 1), np.intp)

    def _scalar_bins(self, scalars: Float32) -> npt.NDArray[np.intp]:
        low, width = self.basis.scalar_grid()
        top = np.float32(SCALAR_BINS - 1)
        return np.asarray(np.clip((scalars - low) / width, 0, top), np.intp)


def _bounds(batch: Batch) -> tuple[int | None, int | None]:
    if batch.at is None or np.isnat(batch.at).all():
        return None, None
    us = batch.at[~np.isnat(batch.at)].astype("datetime64[us]").astype(np.int64)
    return int(us.min()), int(us.max())


def _table(batch: Batch, text: str | None) -> pa.Table:
    n = len(batch)
    at = np.full(n, np.datetime64("NaT", "us")) if batch.at is None else batch.at
    ids = pa.nulls(n, pa.string()) if batch.ids is None else batch.ids
    own = {"_at": pa.array(at.astype("datetime64[us]"), pa.timestamp("us", "UTC")), "_id": ids}
    texts = batch.columns.get(text) if text else None
    own["_text"] = pa.nulls(n, pa.string()) if texts is None else texts.cast(pa.string())
    others = {COLUMN + k: values for k, values in batch.columns.items() if k != text}
    return pa.table({**own, **others})
