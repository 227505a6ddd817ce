"""The frozen frame that rows are measured against."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from monitor.errors import FrameError
from monitor.packed import packed, unpacked
from monitor.stats.base import Shape
from monitor.stats.components import CROSSED
from monitor.stats.histograms import COMPONENT_BINS, SCALAR_BINS
from monitor.stats.scalars import NAMES

Float32 = npt.NDArray[np.float32]

BUCKETS = 32
LEADING = 64
_KIND = "basis/1"
_PLAIN = ("scale", "seed", "entity", "rows", "fitted_buckets")


@dataclass(frozen=True, eq=False)
class Basis:
    """Immutable; two bases are the same when their `id`s are.

    x0 (d,): shift, the mean of the fitting rows; components (d, r): leading principal
    directions; deviations (r,): standard deviation along each; frequencies (r, D): random
    Fourier frequencies at three bandwidths; codebook (K, r): k-means centres; feature_mean (2D,),
    feature_axes (2D, q): principal axes of the Fourier features, scaled to unit variance;
    scalar_mean, scalar_deviation (S,): what standardises the scalars; scale: median distance
    between two rows; seed; entity: name of the entity column, "" for row contents;
    rows: how many rows it was fitted on; fitted_buckets: these are all rows of the first so many
    buckets, which decisions leave out, or 0 if not told apart. All arrays float32.
    """

    x0: Float32
    components: Float32
    deviations: Float32
    frequencies: Float32
    codebook: Float32
    feature_mean: Float32
    feature_axes: Float32
    scalar_mean: Float32
    scalar_deviation: Float32
    scale: float
    seed: int
    entity: str
    rows: int
    fitted_buckets: int = 0

    @cached_property
    def id(self) -> str:
        """sha256 of the content, as `sha256:...`."""
        digest = hashlib.sha256()
        for name, array in self._arrays().items():
            digest.update(f"{name}{array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        digest.update(repr([getattr(self, name) for name in _PLAIN]).encode())
        return f"sha256:{digest.hexdigest()}"

    @cached_property
    def topics(self) -> npt.NDArray[np.float64]:
        """Sets of clusters (t, K), a one for each member: the single ones, and those that Ward's
        method joins on its way to all of them. A topic that k-means has cut up is one of them."""
        k = len(self.codebook)
        found = list(np.eye(k))
        if k > 2:
            from scipy.cluster.hierarchy import linkage

            joined = linkage(self.codebook.astype(np.float64), "ward")[:-1, :2].astype(int)
            for a, b in joined.tolist():
                found.append(found[a] + found[b])
        return np.array(found)

    def shape(self, sample: int, crossed: int = CROSSED) -> Shape:
        """The sizes of the statistics in this frame, with `sample` rows kept, and products of the
        first `crossed` components."""
        d, r = self.components.shape
        return Shape(
            d=d,
            r=r,
            leading=min(r, LEADING),
            crossed=min(r, crossed),
            frequencies=self.frequencies.shape[1],
            clusters=len(self.codebook),
            scalars=len(NAMES),
            buckets=BUCKETS,
            sample=sample,
        )

    def component_grid(self) -> tuple[Float32, Float32]:
        """Lower edge and bin width of each leading component's grid: six deviations either way."""
        reach = np.float32(6) * self.deviations[:LEADING]
        return -reach, reach * np.float32(2 / COMPONENT_BINS)

    def scalar_grid(self) -> tuple[float, float]:
        """Lower edge and bin width of the standardised scalars' grid."""
        return -16.0, 32.0 / SCALAR_BINS

    def _arrays(self) -> dict[str, Float32]:
        found = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in found.items() if isinstance(value, np.ndarray)}

    def to_bytes(self) -> bytes:
        """The basis for the store."""
        header = {name: getattr(self, name) for name in _PLAIN}
        return packed(self._arrays(), {"kind": _KIND, **header})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """The basis whose `to_bytes` this is; FrameError where it is not."""
        arrays, header = unpacked(data)
        if header.get("kind") != _KIND:
            raise FrameError(f"{header.get('kind')!r} is no basis this release can read")
        content: Mapping[str, Any] = arrays | {k: header[k] for k in _PLAIN}
        return cls(**content)
