"""The grid of quantised rows is seen, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.versions import lattice

RNG = np.random.default_rng(0)
X = RNG.normal(scale=0.05, size=(400, 96)).astype(np.float32)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (X, lattice.FREE),
        (X.astype(np.float16).astype(np.float32), lattice.FP16),
        (lattice.rounded(X, lattice.BF16), lattice.BF16),
        (X.round(6), lattice.DECIMALS),
        (X.round(2), lattice.DECIMALS),
        ((100 * X).round(3), lattice.DECIMALS),
        (np.sign(X), lattice.BINARY),
        (3.5 * np.sign(X), lattice.BINARY),
        ((X > 0).astype(np.float32), lattice.BINARY),
        (np.rint(X * 400), lattice.INT8),
        (np.zeros_like(X), lattice.FREE),
        (np.full_like(X, np.nan), lattice.FREE),
        (X[:, :7].astype(np.float16).astype(np.float32), lattice.FREE),
    ],
)
def test_each_row_shows_its_grid(rows: np.ndarray, code: int) -> None:
    """Every row of one grid has its code."""
    assert set(lattice.value_grids(np.ascontiguousarray(rows)).tolist()) == {code}


@pytest.mark.parametrize("stored", [np.float32, np.float16])
@pytest.mark.parametrize("axis", [None, 1])
def test_an_int8_grid_shows_whatever_its_scale(stored: type, axis: int | None) -> None:
    """One scale for all or one a row, as float32 or stored again as float16, at unit length."""
    scale = np.abs(X).max(axis=axis, keepdims=True) / 127
    rows = np.rint(X / scale) * scale
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    found = lattice.int8_rows(rows.astype(stored).astype(np.float32), np.finfo(stored).eps)
    assert found.all()


def test_floats_are_on_no_int8_grid() -> None:
    """Neither float32 nor float16 rows, nor their columns."""
    for stored in (np.float32, np.float16):
        rows = X.astype(stored).astype(np.float32)
        assert not lattice.int8_rows(rows, float(np.finfo(stored).eps)).any()
        assert not lattice.int8_columns(rows, float(np.finfo(stored).eps))


def test_a_scale_for_each_dimension_shows_in_the_columns() -> None:
    """Rows do not show it; columns do, of enough rows."""
    scale = np.abs(X).max(axis=0) / 127
    rows = (np.rint(X / scale) * scale).astype(np.float32)
    assert lattice.int8_columns(rows, 1e-7)
    assert not lattice.int8_columns(rows[:200], 1e-7)


def test_bfloat16_rounds_to_the_nearest() -> None:
    """Against the definition: eight bits of precision."""
    rows = lattice.rounded(X, lattice.BF16)
    assert np.abs(rows / X - 1).max() <= 2**-8
