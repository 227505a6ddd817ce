"""The one pass over the vectors, a block of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt

from monitor.basis import Basis
from monitor.stats.features import UNIT

BLOCK = 256
"""Rows multiplied at once. Their full width stays in the cache, and as every block is filled up
with zeros to this length, no number of a row depends on how many others are with it (OpenBLAS
multiplies small matrices, and the rows that its tiles leave over, in another order)."""

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the pass over the vectors leaves of n rows.

    y (n, r): coordinates; energy, along_mean (n,): ‖x−x0‖² and (x−x0)·x0; inside (n,): ‖y‖²;
    cluster (n,): nearest centre; first, second (n,): distances to it and to the second nearest;
    total, squares (d,) float64: sums of x−x0 and of its square.
    """

    y: Float32
    energy: Float32
    along_mean: Float32
    inside: Float32
    cluster: npt.NDArray[np.intp]
    first: Float32
    second: Float32
    total: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]

    @classmethod
    def empty(cls, n: int, d: int, r: int) -> Self:
        """Room for n rows."""
        energy, along_mean, inside, first, second = np.empty((5, n), np.float32)
        y, cluster = np.empty((n, r), np.float32), np.empty(n, np.intp)
        return cls(y, energy, along_mean, inside, cluster, first, second, *np.zeros((2, d)))

    def leading(self, n: int) -> Self:
        """The first n rows; the sums stay."""
        return replace(
            self,
            y=self.y[:n],
            energy=self.energy[:n],
            along_mean=self.along_mean[:n],
            inside=self.inside[:n],
            cluster=self.cluster[:n],
            first=self.first[:n],
            second=self.second[:n],
        )


class Blocks:
    """A basis laid out for multiplying blocks of rows by it."""

    def __init__(self, basis: Basis) -> None:
        self._basis = basis
        self._centres = np.ascontiguousarray(basis.codebook.T)
        self._half_centres = 0.5 * np.square(basis.codebook).sum(axis=1)

    def seen(self, vectors: Float32, order: npt.NDArray[np.intp]) -> Seen:
        """The pass over the rows `order` (n,) of `vectors`, which are usable."""
        d, r = self._basis.components.shape
        found = Seen.empty(-(-len(order) // BLOCK) * BLOCK, d, r)
        centred, exact = np.empty((BLOCK, d), np.float32), np.empty((BLOCK, d))
        products = np.empty((BLOCK, len(self._half_centres)), np.float32)
        for start in range(0, len(order), BLOCK):
            place = slice(start, start + BLOCK)
            rows = order[place]
            block = centred[: len(rows)]
            np.take(vectors, rows, axis=0, out=block, mode="clip")
            np.subtract(block, self._basis.x0, out=block)
            centred[len(rows) :] = 0
            np.copyto(exact, centred)
            _sum(found, exact)
            self._project(found, place, centred)
            np.matmul(found.y[place], self._centres, out=products)
            self._assign(found, place, products)
        return found.leading(len(order))

    def waves(
        self, y: Float32, starts: npt.NDArray[np.intp], present: npt.NDArray[np.intp], buckets: int
    ) -> npt.NDArray[np.int64]:
        """Sums (buckets, 2D) of the Fourier features of the coordinates y (n, r), whose rows are
        sorted by bucket as in `Rows`, in units of 2**-20: cosines, then sines."""
        frequencies = self._basis.frequencies
        total = np.zeros((buckets, 2, frequencies.shape[1]), np.int64)
        padded = np.zeros((BLOCK, y.shape[1]), np.float32)
        angles = np.empty((BLOCK, frequencies.shape[1]), np.float32)
        wave, steps = np.empty_like(angles), np.empty(angles.shape, np.int32)
        for start in range(0, len(y), BLOCK):
            block = y[start : start + BLOCK]
            if len(block) < BLOCK:
                padded[: len(block)] = block
                block = padded
            np.matmul(block, frequencies, out=angles)
            cuts = _cuts(starts, start, min(start + BLOCK, len(y)))
            for side, function in enumerate((np.cos, np.sin)):
                function(angles, out=wave)
                np.multiply(wave, np.float32(1 / UNIT), out=wave)
                np.copyto(steps, np.rint(wave, out=wave), casting="unsafe")
                for k, rows in cuts:
                    total[present[k], side] += np.add.reduce(steps[rows], axis=0, dtype=np.int32)
        return total.reshape(buckets, -1)

    def _project(self, found: Seen, place: slice, centred: Float32) -> None:
        y = found.y[place]
        np.matmul(centred, self._basis.components, out=y)
        np.vecdot(centred, self._basis.x0, out=found.along_mean[place])
        np.vecdot(centred, centred, out=found.energy[place])
        np.vecdot(y, y, out=found.inside[place])

    def _assign(self, found: Seen, place: slice, products: Float32) -> None:
        """Nearest centre, and the distances to it and to the second nearest."""
        lead = np.subtract(products, self._half_centres, out=products)
        cluster = lead.argmax(axis=1)
        row = np.arange(len(lead))
        nearest = lead[row, cluster]
        lead[row, cluster] = -np.inf
        second = lead.max(axis=1) if lead.shape[1] > 1 else nearest
        inside = found.inside[place]
        found.cluster[place] = cluster
        found.first[place] = np.sqrt(np.maximum(inside - 2 * nearest, 0))
        found.second[place] = np.sqrt(np.maximum(inside - 2 * second, 0))


def _sum(found: Seen, exact: npt.NDArray[np.float64]) -> None:
    """Adds up the rows of a block, whose filling is zeros, and their squares."""
    np.add(found.total, np.ones(len(exact)) @ exact, out=found.total)
    np.add(found.squares, np.einsum("ij,ij->j", exact, exact), out=found.squares)


def _cuts(starts: npt.NDArray[np.intp], start: int, stop: int) -> list[tuple[int, slice]]:
    """The rows of each bucket within rows `start` to `stop`, counted from `start`, by which of
    the buckets that occur it is."""
    first = int(np.searchsorted(starts, start, "right")) - 1
    inner = starts[(starts > start) & (starts < stop)].tolist()
    edges = [start, *inner, stop]
    return [
        (first + i, slice(low - start, high - start))
        for i, (low, high) in enumerate(pairwise(edges))
    ]
