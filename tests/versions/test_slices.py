"""Slices name who is hurt, corrected for how many were looked at."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.stats import false_discovery_control

from monitor.versions.slices import slices

RNG = np.random.default_rng(0)
LABELS = np.repeat([f"label {i}" for i in range(20)], 50)


def test_the_hurt_slice_comes_first() -> None:
    """One label loses neighbours; it is first, and alone marked."""
    shares = RNG.normal(0.9, 0.05, 1000)
    shares[LABELS == "label 7"] -= 0.3
    found = slices(shares, {"label": pa.array(LABELS), "n": pa.array(np.arange(1000))})
    assert found[0].value == "label 7"
    assert [s.value for s in found if s.drifted] == ["label 7"]
    assert found[0].low < found[0].overlap < found[0].high < found[0].others


def test_q_values_are_those_of_scipy() -> None:
    """Benjamini and Hochberg over all slices."""
    found = slices(RNG.normal(0.9, 0.05, 1000), {"label": pa.array(LABELS)})
    expected = false_discovery_control([s.p_value for s in found])
    np.testing.assert_allclose([s.q_value for s in found], expected)


def test_small_slices_and_texts_are_left_out() -> None:
    """Fewer than 20 rows, columns of other types, and equal shares: no certain difference."""
    shares = np.ones(1000)
    few = pa.array(["rare"] * 19 + ["often"] * 981)
    assert slices(shares, {"few": few, "text": pa.array([str(i) for i in range(1000)])}) == ()
    assert not any(s.drifted for s in slices(shares, {"label": pa.array(LABELS)}))
