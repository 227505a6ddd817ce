"""Rows seen through a basis."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.arrowed import arrow_times
from monitor.basis import LEADING, Basis
from monitor.batch import ROW_OK, Batch
from monitor.blocks import Blocks, Seen
from monitor.errors import DimensionError
from monitor.rowkeys import keys
from monitor.stats.base import Rows
from monitor.stats.components import CROSSED
from monitor.stats.histograms import COMPONENT_BINS, SCALAR_BINS
from monitor.stats.quality import Quality
from monitor.stats.sample import COLUMN

CHUNK = 8192
"""Most rows seen at once: enough of each bucket to be summed at one go."""

Float32 = npt.NDArray[np.float32]


class Frame:
    """A basis made ready for folding; `sample` rows are kept by each profile, with `text` as the
    column that tells people what a row is, and products of the first `crossed` components."""

    def __init__(
        self, basis: Basis, sample: int = 2048, text: str | None = None, crossed: int = CROSSED
    ) -> None:
        self.basis = basis
        self.text = text
        self.shape = basis.shape(sample, crossed)
        self._blocks = Blocks(basis)
        self._energy0 = float(np.square(basis.x0, dtype=np.float64).sum())

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
        seen = self._blocks.seen(batch.vectors, order)
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
            features=self._blocks.waves(seen.y, starts, present, self.shape.buckets),
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
        seen = self._blocks.seen(vectors, np.arange(len(vectors)))
        return self._scalars(seen, np.abs(vectors).max(axis=1, initial=0))

    def _counts(
        self, states: npt.NDArray[np.intp], buckets: npt.NDArray[np.intp]
    ) -> npt.NDArray[np.int64]:
        width = len(Quality.COUNTERS)
        found = np.bincount(buckets * width + states, minlength=self.shape.buckets * width)
        counts = found.astype(np.int64).reshape(self.shape.buckets, width)
        counts[:, 0] = counts.sum(axis=1)
        return counts

    def _scalars(self, seen: Seen, peaks: Float32) -> Float32:
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
    own = {"_at": arrow_times(at), "_id": ids}
    texts = batch.columns.get(text) if text else None
    own["_text"] = pa.nulls(n, pa.string()) if texts is None else texts.cast(pa.string())
    others = {COLUMN + k: values for k, values in batch.columns.items() if k != text}
    columns = {**own, **others}
    return pa.Table.from_arrays(list(columns.values()), list(columns))
