"""Lengths: scaled, lost, gained."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp

from monitor.versions.norms import norms

RNG = np.random.default_rng(0)
LOOSE = np.exp(0.3 * RNG.normal(size=400))


def test_lost_and_gained_are_told_apart() -> None:
    """One length to many, many to one, and neither."""
    ones = np.ones(400)
    assert norms(ones, LOOSE).lost
    assert norms(LOOSE, ones).gained
    for pair in ((ones, 3 * ones), (LOOSE, 2 * LOOSE)):
        assert not norms(*pair).lost
        assert not norms(*pair).gained


def test_ratio_and_ks() -> None:
    """The median ratio with its interval; the largest distance of the distributions, as scipy's."""
    other = LOOSE * 3 * np.exp(0.1 * RNG.normal(size=400))
    found = norms(LOOSE, other)
    assert found.ratio.low <= 3 <= found.ratio.high
    assert found.ks == pytest.approx(ks_2samp(LOOSE, other).statistic)


def test_a_few_odd_rows_do_not_count() -> None:
    """The spread is of the middle 90 %: one wild row is no loss of normalisation."""
    b = np.ones(400)
    b[0] = 50
    assert not norms(np.ones(400), b).lost


def test_no_rows_give_nan() -> None:
    """Nothing is neither lost nor gained."""
    found = norms(np.zeros(0), np.zeros(0))
    assert np.isnan(found.ratio.value)
    assert not found.lost
    assert not found.gained
