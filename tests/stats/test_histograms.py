"""Histograms on the frame's grids against numpy."""

from __future__ import annotations

import numpy as np

from monitor.frame import Frame
from monitor.stats.histograms import COMPONENT_BINS, SCALAR_BINS
from monitor.stats.scalars import NAMES
from tests.rows import batch

from .conftest import Seen


def test_leading_components(seen: Seen) -> None:
    """As numpy counts them between the edges of the grid, the ends taking what lies outside."""
    low, width = (a.astype(np.float64) for a in seen.basis.component_grid())
    for j, counts in enumerate(seen.profile.histograms.components):
        edges = low[j] + width[j] * np.arange(COMPONENT_BINS + 1)
        inside = np.clip(seen.y[:, j], edges[0], edges[-1])
        expected = np.histogram(inside, edges)[0]
        assert counts.sum() == 600
        # A row within rounding of an edge may fall on either side.
        assert np.abs(np.cumsum(counts) - np.cumsum(expected)).max() <= 1


def test_scalars(seen: Seen) -> None:
    """Every scalar of every row is counted once, where its value lies."""
    rows = Frame(seen.basis).rows(batch(seen.vectors))
    low, width = seen.basis.scalar_grid()
    edges = low + width * np.arange(SCALAR_BINS + 1)
    found = seen.profile.histograms.scalars
    assert found.shape == (len(NAMES), SCALAR_BINS)
    for j, counts in enumerate(found):
        expected = np.histogram(np.clip(rows.scalars[:, j], edges[0], edges[-1]), edges)[0]
        assert counts.tolist() == expected.tolist()


def test_rows_far_outside_fall_into_the_outer_bins(seen: Seen) -> None:
    """A row at 1e15, the largest magnitude that is measured, is counted at the ends."""
    far = np.full((2, seen.vectors.shape[1]), 1e15, np.float32)
    far[1] *= -1
    rows = Frame(seen.basis).rows(batch(far))
    assert set(np.unique(rows.component_bins)) <= {0, COMPONENT_BINS - 1}
    assert rows.scalar_bins.max() <= SCALAR_BINS - 1
