"""The grid a row's values lie on: what quantising leaves behind, told row by row.

float16, bfloat16, one bit and decimals show in each value by itself; an int8 grid shows in the
even spacing of a row's values (one scale for all rows, or one a row), or of a column's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32

Codes = npt.NDArray[np.uint8]

FREE, DECIMALS, FP16, BF16, INT8, BINARY = range(6)
"""Codes of grids; a greater code is a coarser grid."""

NAMES = {DECIMALS: "decimals", FP16: "fp16", BF16: "bf16", INT8: "int8", BINARY: "binary"}

MOST_DECIMALS = 6
MOST_STEPS = 255  # steps between the least and the greatest value of an 8-bit grid
_FEWEST_COLUMNS = 8
"""With fewer values a row lies on some grid by chance."""


def value_grids(rows: Float32) -> Codes:
    """Codes (n,) of the coarsest grid that each value of a row shows by itself; rows (n, d).

    Rows of zeros, of non-finite values and of fewer than 8 columns are FREE.

    >>> x = np.random.default_rng(0).normal(size=(1, 64)).astype(np.float32)
    >>> grids = (x, x.round(4), x.astype(np.float16).astype(np.float32), np.sign(x))
    >>> [int(value_grids(g)[0]) for g in grids] == [FREE, DECIMALS, FP16, BINARY]
    True
    """
    codes = np.zeros(len(rows), np.uint8)
    if rows.shape[1] < _FEWEST_COLUMNS:
        return codes
    words = np.ascontiguousarray(rows).view(np.uint32)
    with np.errstate(over="ignore", invalid="ignore"):
        halves = rows.astype(np.float16).astype(np.float32)
        codes[_on_decimals(rows)] = DECIMALS
        codes[(halves == rows).all(axis=1)] = FP16
        codes[((words & 0xFFFF) == 0).all(axis=1)] = BF16
        codes[_small_integers(rows)] = INT8
        codes[_two_valued(rows)] = BINARY
        codes[~np.isfinite(rows).all(axis=1) | ~rows.any(axis=1)] = FREE
    return codes


def int8_rows(rows: Float32, eps: float) -> npt.NDArray[np.bool_]:
    """Whether each row (of n, d) lies on an evenly spaced grid of at most 256 values.

    eps: relative precision of the stored values. Reads 255 candidate spacings, so give it a
    sample. Fewer than 16 columns: no row.
    """
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    found = np.zeros(len(rows), bool)
    spread = high - low
    if rows.shape[1] < 2 * _FEWEST_COLUMNS:
        return found
    place = (rows - low) / np.where(spread > 0, spread, 1.0)
    # Float noise of the stored values, in units of the whole spread.
    noise = eps * np.abs(rows).max(axis=1, keepdims=True) / np.where(spread > 0, spread, 1.0)
    for steps in range(3, MOST_STEPS + 1):
        tolerance = 0.01 + noise[:, 0] * steps
        off = np.abs(place * steps - np.rint(place * steps)).max(axis=1)
        found |= (off < tolerance) & (tolerance < 0.2)
    return np.asarray(found & (spread[:, 0] > 0))


def int8_columns(rows: Float32, eps: float) -> bool:
    """Whether nearly all columns of a sample (m, d) lie on grids of at most 256 values each.

    That is quantising with a scale of its own per dimension. Fewer than 300 rows: not decided,
    False.
    """
    if len(rows) < 300:
        return False
    lively = rows[:, np.ptp(rows, axis=0) > 0]
    columns = np.ascontiguousarray(lively[:600, :64].T)
    return len(columns) > 0 and float(int8_rows(columns, eps).mean()) > 0.9


def rounded(rows: Float32, code: int) -> Float32:
    """`rows` on the grid `code`, as far as it can be told without the scale: FP16 and BF16
    round, BINARY keeps the signs, others return the rows.

    >>> rounded(np.array([[0.3, -0.1]], np.float32), BINARY).tolist()
    [[1.0, -1.0]]
    """
    if code == FP16:
        with np.errstate(over="ignore"):
            return rows.astype(np.float16).astype(np.float32)
    if code == BF16:
        words = np.ascontiguousarray(rows).view(np.uint32) + np.uint32(0x8000)
        return np.asarray((words & np.uint32(0xFFFF0000)).view(np.float32))
    return np.sign(rows) if code == BINARY else rows


def precision(dtype: np.dtype[Any]) -> float:
    """Relative precision of a stored value of this dtype; integers count as float32.

    >>> precision(np.dtype(np.float16))
    0.0009765625
    """
    return float(np.finfo(dtype if dtype.kind == "f" else np.float32).eps)


def _on_decimals(rows: Float32) -> npt.NDArray[np.bool_]:
    """Whether all values have at most 1 … 6 decimals, as far as float32 can tell."""
    found = np.zeros(len(rows), bool)
    for decimals in range(1, MOST_DECIMALS + 1):
        # Most rows fall out on their first columns.
        hopeful = np.flatnonzero(~found & _has_decimals(rows[:, :16], decimals))
        found[hopeful] = _has_decimals(rows[hopeful], decimals)
    return found


def _has_decimals(rows: Float32, decimals: int) -> npt.NDArray[np.bool_]:
    scaled = rows.astype(np.float64) * 10.0**decimals
    blur = np.abs(scaled) * np.finfo(np.float32).eps
    near = (np.abs(scaled - np.rint(scaled)) <= blur + 1e-6) & (blur < 0.05)
    return np.asarray(near.all(axis=1))


def _small_integers(rows: Float32) -> npt.NDArray[np.bool_]:
    whole = (rows == np.rint(rows)) & (np.abs(rows) <= MOST_STEPS)
    return np.asarray(whole.all(axis=1) & rows.any(axis=1))


def _two_valued(rows: Float32) -> npt.NDArray[np.bool_]:
    """Whether a row holds two values: 0 and 1, or −1 and 1 with a few zeros (signs of 0)."""
    low, high = rows.min(axis=1, keepdims=True), rows.max(axis=1, keepdims=True)
    zero = rows == 0
    outer = (rows == low) | (rows == high)
    signs = (low == -high) & (zero.mean(axis=1, keepdims=True) <= 0.05)
    return np.asarray((outer | (zero & signs)).all(axis=1) & (low < high)[:, 0])
