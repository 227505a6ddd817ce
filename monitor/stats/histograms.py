"""Counts on the frame's fixed grids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.stats.base import Rows, Sums

COMPONENT_BINS = 64
SCALAR_BINS = 256


@dataclass(frozen=True, eq=False)
class Histograms(Sums):
    """components (leading, 64) and scalars (S, 256) int64; the outer bins are open."""

    components: npt.NDArray[np.int64]
    scalars: npt.NDArray[np.int64]

    @classmethod
    def fold(cls, rows: Rows) -> Self:
        return cls(
            _counts(rows.component_bins, COMPONENT_BINS), _counts(rows.scalar_bins, SCALAR_BINS)
        )


def _counts(bins: npt.NDArray[np.intp], size: int) -> npt.NDArray[np.int64]:
    """Counts (columns, size) of the values 0..size-1 of each column of `bins`."""
    columns = bins.shape[1]
    flat = (bins + size * np.arange(columns)).ravel()
    return np.bincount(flat, minlength=columns * size).astype(np.int64).reshape(columns, size)
