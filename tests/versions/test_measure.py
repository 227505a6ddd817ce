"""Intervals hold what they say, and unknown numbers stay unknown."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from monitor.versions.measure import Measure, mean_of, quantile_of, share_of


def test_the_mean_lies_in_its_interval_as_often_as_promised() -> None:
    """Of 200 samples about 95 % of the intervals hold the true mean."""
    rng = np.random.default_rng(0)
    found = [mean_of(rng.normal(size=200), rng) for _ in range(200)]
    assert 0.90 <= np.mean([m.low <= 0 <= m.high for m in found]) <= 0.99


def test_a_share_has_the_interval_of_scipy() -> None:
    """Wilson's interval, against scipy's."""
    found = share_of(7, 50)
    expected = stats.binomtest(7, 50).proportion_ci(method="wilson")
    np.testing.assert_allclose((found.low, found.high), expected, rtol=1e-6)


def test_a_quantile_ignores_what_is_not_finite() -> None:
    """nan and infinity are no values."""
    assert quantile_of(np.array([1.0, 2.0, 3.0, np.nan, np.inf]), 0.5).value == 2.0


def test_nothing_gives_nan_and_none_in_json() -> None:
    """No rows: nan; in JSON, None."""
    for found in (
        mean_of(np.zeros(0), np.random.default_rng(0)),
        quantile_of(np.zeros(0), 0.5),
        share_of(0, 0),
    ):
        assert math.isnan(found.value)
        assert found.to_dict() == dict.fromkeys(("value", "low", "high", "floor", "chance"))


def test_a_floor_is_the_value_of_another_measure() -> None:
    """`with_floor` takes over the value alone."""
    assert Measure(0.5, 0.4, 0.6).with_floor(Measure(0.9, 0.8, 1.0)) == Measure(0.5, 0.4, 0.6, 0.9)
