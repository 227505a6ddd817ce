"""What a pair of rows shows by itself, read in one pass: equal bits, norms, grids, hashes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64, Items
from monitor.stats.hashing import row_hashes
from monitor.versions import lattice
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs, blocks, float32

Bools = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_SAMPLE = 2000
_GRID_SAMPLE = 96
_MOST_GRID_ROWS = 20_000


@dataclass(frozen=True, eq=False)
class RowFacts:
    """Facts of n pairs; arrays are (n,).

    width_a, width_b: columns up to the last that is not zero throughout;
    equal: same values bit for bit (any float type); close: within a few steps of the coarser
    float type; cosine: in the same coordinates, over `width` columns, nan where a row is zero or
    not finite; norm_a, norm_b: lengths; finite_a, finite_b; hash_a, hash_b: equal rows hash
    alike; grid_a, grid_b: codes of `lattice`; rounded: b is a, rounded to b's grid (for one
    bit: at least 95 % of the signs agree); unrounded: a is b, rounded to a's grid.
    """

    width_a: int
    width_b: int
    equal: Bools
    close: Bools
    cosine: Float32
    norm_a: Float64
    norm_b: Float64
    finite_a: Bools
    finite_b: Bools
    hash_a: Hashes
    hash_b: Hashes
    grid_a: lattice.Codes
    grid_b: lattice.Codes
    rounded: Bools
    unrounded: Bools

    @property
    def width(self) -> int:
        """Columns that both sides use."""
        return min(self.width_a, self.width_b)

    @property
    def usable(self) -> Bools:
        """Rows that are finite and not zero on both sides."""
        return self.finite_a & self.finite_b & (self.norm_a > 0) & (self.norm_b > 0)


def row_facts(pairs: Pairs) -> RowFacts:
    """The facts of all pairs; reads each vector once, and a sample twice."""
    widths = _widths(pairs)
    parts = [
        _block_facts(pairs, block, min(widths)) for block in pairs.blocks(np.arange(len(pairs)))
    ]
    joined: dict[str, Any] = {
        name: np.concatenate([part[name] for part in parts]) for name in parts[0]
    }
    return _with_int8(RowFacts(*widths, **joined), pairs)


def _block_facts(
    pairs: Pairs, block: npt.NDArray[np.intp], width: int
) -> dict[str, npt.NDArray[Any]]:
    stored_a = pairs.a.vectors[pairs.pairing.rows_a[block]]
    stored_b = pairs.b.vectors[pairs.pairing.rows_b[block]]
    a, b = float32(stored_a) + np.float32(0), float32(stored_b) + np.float32(0)
    none = np.zeros(len(a), bool)
    same_width = a.shape[1] == b.shape[1]
    equal = _equal(stored_a, stored_b) if same_width else none
    eps = max(lattice.precision(stored_a.dtype), lattice.precision(stored_b.dtype))
    grid_a, grid_b = lattice.value_grids(a), lattice.value_grids(b)
    finite_a, finite_b = np.isfinite(a).all(axis=1), np.isfinite(b).all(axis=1)
    return {
        "equal": equal,
        "close": equal | _close(a, b, eps) if same_width else equal,
        "cosine": _cosine(a[:, :width], b[:, :width], finite_a & finite_b),
        "norm_a": _norms(a, finite_a),
        "norm_b": _norms(b, finite_b),
        "finite_a": finite_a,
        "finite_b": finite_b,
        "hash_a": row_hashes(a),
        "hash_b": row_hashes(b),
        "grid_a": grid_a,
        "grid_b": grid_b,
        "rounded": _rounded(a, b, grid_b) if same_width else none,
        "unrounded": _rounded(b, a, grid_a) if same_width else none,
    }


def _equal(a: npt.NDArray[np.generic], b: npt.NDArray[np.generic]) -> Bools:
    """Rows of the same values; nan equals nan."""
    return np.asarray(((a == b) | ((a != a) & (b != b))).all(axis=1))


def _close(a: Float32, b: Float32, eps: float) -> Bools:
    with np.errstate(over="ignore", invalid="ignore"):
        allowed = 4 * eps * np.abs(a).max(axis=1, keepdims=True)
        return np.asarray((np.abs(a - b) <= allowed).all(axis=1))


def _cosine(a: Float32, b: Float32, finite: Bools) -> Float32:
    with np.errstate(over="ignore", invalid="ignore"):
        a, b = unit(a), unit(b)
        # From the difference: 1 − cos of near rows would drown in the rounding of cos.
        cosine = 1 - 0.5 * ((a - b) ** 2).sum(axis=1)
    told = finite & a.any(axis=1) & b.any(axis=1)
    return np.asarray(np.where(told, cosine, np.nan), np.float32)


def _norms(rows: Float32, finite: Bools) -> Float64:
    with np.errstate(over="ignore", invalid="ignore"):
        return np.where(finite, np.linalg.norm(rows.astype(np.float64), axis=1), np.nan)


def _rounded(a: Float32, b: Float32, grid_b: lattice.Codes) -> Bools:
    found = np.zeros(len(a), bool)
    for code in (lattice.FP16, lattice.BF16):
        at = np.flatnonzero(grid_b == code)
        found[at] = (lattice.rounded(a[at], code) == b[at]).all(axis=1)
    at = np.flatnonzero(grid_b == lattice.BINARY)
    if len(at):
        middle = (b[at].min(axis=1, keepdims=True) + b[at].max(axis=1, keepdims=True)) / 2
        agree = ((a[at] > 0) == (b[at] > middle)) | (b[at] == middle)
        found[at] = agree.mean(axis=1) >= 0.95
    return found


def _widths(pairs: Pairs) -> tuple[int, int]:
    """Columns up to the last that is not zero in a sample of rows, for both sides."""
    sample = np.arange(len(pairs))[:: max(1, len(pairs) // _SAMPLE)]
    return _width(pairs.rows_a(sample)), _width(pairs.rows_b(sample))


def _width(rows: Float32) -> int:
    used = np.flatnonzero((rows != 0).any(axis=0))
    return int(used[-1]) + 1 if len(used) else rows.shape[1]


def _with_int8(facts: RowFacts, pairs: Pairs) -> RowFacts:
    """The facts with INT8 written over finer codes, where a sample shows such a grid."""
    free_b = facts.usable & ~facts.equal & (facts.grid_b < lattice.INT8)
    int8_b = _int8(pairs.rows_b, free_b, _precision(pairs.b, facts.grid_b))
    if not int8_b.any():
        return facts
    free_a = facts.usable & (facts.grid_a < lattice.INT8)
    int8_a = _int8(pairs.rows_a, free_a, _precision(pairs.a, facts.grid_a))
    grid_a = np.where(int8_a, lattice.INT8, facts.grid_a).astype(np.uint8)
    grid_b = np.where(int8_b, lattice.INT8, facts.grid_b).astype(np.uint8)
    return replace(facts, grid_a=grid_a, grid_b=grid_b)


def _int8(rows: Callable[[npt.NDArray[np.intp]], Float32], free: Bools, eps: float) -> Bools:
    """Which of the `free` rows lie on an int8 grid."""
    found, at = np.zeros(len(free), bool), np.flatnonzero(free)
    if len(at) == 0:
        return found
    sample = rows(at[:: max(1, len(at) // _GRID_SAMPLE)])
    share = float(lattice.int8_rows(sample, eps).mean())
    columns = rows(at[:: max(1, len(at) // 600)]) if share < 0.9 else sample[:0]
    if share >= 0.9 or lattice.int8_columns(columns, eps):
        found[at] = True
    elif share > 0 and len(at) <= _MOST_GRID_ROWS:
        for block in blocks(at, sample.shape[1]):
            found[block] = lattice.int8_rows(rows(block), eps)
    return found


def _precision(items: Items, grid: lattice.Codes) -> float:
    """Relative precision of the stored values, told by their type or by their grid."""
    told = lattice.precision(items.vectors.dtype)
    fine = {lattice.FP16: 2.0**-10, lattice.BF16: 2.0**-7}
    return max([told, *(eps for code, eps in fine.items() if (grid == code).mean() > 0.5)])
