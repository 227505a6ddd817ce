"""Causes told by the grid that a version's values lie on."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64
from monitor.versions import lattice
from monitor.versions.findings import Cause, Findings

ALL = 0.95
"""From this share of the sound rows on, a grid concerns the whole version."""

_GRID_ERROR = {
    lattice.DECIMALS: 0.005,
    lattice.FP16: 0.002,
    lattice.BF16: 0.01,
    lattice.INT8: 0.08,
    lattice.BINARY: 0.0,
}
"""Distance from before, in units of a vector's length, that rounding to a grid can explain."""


_SPACED = (lattice.DECIMALS, lattice.INT8)
"""Grids whose spacing is not known, so that rounding to them cannot be repeated."""


def grid_causes(found: Findings) -> list[Cause]:
    """b on a coarser grid than a, row by row; or, for all rows, a on a coarser one than b.

    A confidence below .5: b lies on the grid, but that is not what changed it.
    """
    facts, usable = found.facts, found.facts.usable
    causes = []
    for code, name in lattice.NAMES.items():
        coarser = usable & (facts.grid_b == code) & (facts.grid_a < code)
        near = _apart(found) <= _GRID_ERROR[code]
        rows = np.flatnonzero(coarser & (facts.rounded | near))
        if len(rows) < ALL * len(found.sound):
            # A few rows may lie on a grid by chance; then they are not a's, rounded to it.
            rows = np.flatnonzero(coarser & (near if code in _SPACED else facts.rounded))
        if len(rows) >= max(3, 0.002 * found.n):
            causes.append(_on_grid(found, code, rows))
        elif coarser.sum() >= 0.9 * usable.sum() > 0:
            text = (
                f"{int(coarser.sum()):,} rows of b lie on the {name} grid, but are not a's rounded"
            )
            causes.append(Cause(f"quantised ({name})", 0.4, (text,), int(coarser.sum())))
        finer = usable & (facts.grid_a == code) & (facts.grid_b < code)
        finer &= facts.unrounded | (near & _spaced(found, code))
        if finer.sum() >= 0.9 * usable.sum() > 0 and not facts.close[finer].all():
            text = f"a lies on the {name} grid and b does not: a is the rounded one"
            causes.append(Cause(f"quantised ({name})", 0.7, (text,), int(finer.sum())))
    return causes


def _on_grid(found: Findings, code: int, rows: npt.NDArray[np.intp]) -> Cause:
    name = lattice.NAMES[code]
    evidence = [f"{len(rows):,} of {found.n:,} rows of b lie on the {name} grid; in a they do not"]
    exactly = float(found.facts.rounded[rows].mean())
    if exactly > 0.5:
        what = "have the signs of a" if code == lattice.BINARY else "are exactly a's, rounded"
        evidence.append(f"{exactly:.0%} of them {what}")
    evidence.append(f"median cosine to before: {np.nanmedian(found.facts.cosine[rows]):.4f}")
    cause = f"quantised ({name})"
    if len(rows) >= ALL * len(found.sound):
        return Cause(cause, 0.98, tuple(evidence), len(rows))
    return found.named(cause, 0.95, evidence, rows)


def _apart(found: Findings) -> Float64:
    """Distance (n,) of unit vectors in the same coordinates, or in the frame where one fits."""
    apart = np.sqrt(np.clip(2 - 2 * found.facts.cosine.astype(np.float64), 0, None))
    if found.exact and found.framed is not None and found.framed.frame.kind != "same":
        apart[found.sound] = np.minimum(apart[found.sound], found.framed.residual)
    return np.asarray(apart)


def _spaced(found: Findings, code: int) -> bool:
    """Whether only a small distance can tell of this grid, and the frame is the same."""
    same = found.framed is not None and found.framed.frame.kind == "same"
    return same and code in _SPACED
