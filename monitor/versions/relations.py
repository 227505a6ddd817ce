"""How rows stand to all others, before and after: what any encoder of the same items keeps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64
from monitor.versions.mixture import profile_correlation
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs

PANEL = 400
"""Rows that stand for all others."""


def panel_of(rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """At most 400 of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // PANEL))]


def profiles(pairs: Pairs, rows: npt.NDArray[np.intp], panel: npt.NDArray[np.intp]) -> Float64:
    """For each of `rows` (m,), the correlation of its cosines to the panel before and after."""
    panel_a, panel_b = unit(pairs.rows_a(panel)), unit(pairs.rows_b(panel))
    parts = []
    for block in pairs.blocks(rows):
        own = block[:, None] == panel
        before, after = unit(pairs.rows_a(block)) @ panel_a.T, unit(pairs.rows_b(block)) @ panel_b.T
        parts.append(profile_correlation(before, after, own))
    return np.concatenate(parts)
