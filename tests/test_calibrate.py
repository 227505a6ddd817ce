"""What is normal for a reference, learnt from its own windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from monitor.basis import Basis
from monitor.calibrate import Calibration, Observed, calibrated, normal, observed
from monitor.errors import FrameError
from monitor.fitting import fitted
from monitor.profiles import profile
from monitor.scores.families import FAMILIES
from monitor.subsample import fitting_rows
from tests.rows import Day, days, topics


def fitted_on(history: Sequence[Day]) -> Basis:
    """The basis that a space gets from these windows."""
    rows, buckets = fitting_rows(lambda: [day.batch for day in history], 8)
    return fitted(rows, fitted_buckets=buckets)


def all_observed(basis: Basis, history: Sequence[Day]) -> list[Observed]:
    """Each window as the rule sees it."""
    return [observed(basis, day.window, profile([day.batch], basis, sample=0)) for day in history]


@pytest.fixture(scope="module")
def stream() -> tuple[Basis, list[Observed], list[Observed]]:
    """A basis, eight weeks of reference and eight more of the same."""
    history = days(112, seed=0)
    basis = fitted_on(history[:56])
    seen = all_observed(basis, history)
    return basis, seen[:56], seen[56:]


@pytest.fixture(scope="module")
def calibration(stream: tuple[Basis, list[Observed], list[Observed]]) -> Calibration:
    """Learnt from the eight weeks of reference."""
    return calibrated(stream[1])


def test_p_values_of_fresh_windows_are_even(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """Combined over families they are not smaller than uniform ones."""
    p_values = []
    for seen in stream[2]:
        found = calibration.p_values(calibration.scores(seen))
        p_values.append(calibration.combined(found))
    assert kstest(p_values, "uniform", alternative="greater").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.1) <= 0.2


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "quality"])
def test_scores_out_of_fold_are_larger(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration, name: str
) -> None:
    """A fit that has seen a window finds it closer than one that has not; what is calibrated on
    is like the scores of fresh windows."""
    inside = [calibration.normals[name].score(seen, name) for seen in stream[1]]
    fresh = [calibration.normals[name].score(seen, name) for seen in stream[2]]
    typical = math.exp(calibration.tails[name].location)
    assert np.median(inside) < typical
    assert abs(math.log(np.median(fresh) / typical)) < 0.35


def test_seasons_have_their_own_means(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """A weekday's rows in a weekend's window score higher than where they belong."""
    monday, saturday = stream[2][0], stream[2][5]
    assert set(calibration.normals["clusters"].means) == {"", "weekday", "weekend"}
    there = calibration.scores(monday)["clusters"]
    elsewhere = calibration.scores(replace(monday, window=saturday.window))["clusters"]
    assert elsewhere > 2 * there


def test_a_slot_never_seen_uses_the_mean_of_all() -> None:
    """A calibration of weekdays alone judges a weekend by all windows."""
    history = [day for day in days(35, seed=1) if day.window.start.weekday() < 5]
    basis = fitted_on(history)
    found = calibrated(all_observed(basis, history))
    weekend = days(7, seed=2)[6]
    seen = observed(basis, weekend.window, profile([weekend.batch], basis))
    assert found.ready
    assert all(math.isfinite(score) for score in found.scores(seen).values())


def test_small_windows_are_forgiven_their_noise(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """Windows with a fourth of the rows score about as windows do, not as drift."""
    basis = stream[0]
    scores = []
    for day in days(28, seed=3):
        part = day.batch.take(np.arange(40))
        seen = observed(basis, day.window, profile([part], basis, sample=0))
        scores.append(calibration.p_values(calibration.scores(seen)))
    smallest = [calibration.combined(found) for found in scores]
    assert min(smallest) > 0.001
    assert np.mean(np.array(smallest) <= 0.1) <= 0.3


@pytest.mark.parametrize(("windows", "ready"), [(19, False), (20, True)])
def test_twenty_windows_are_needed(windows: int, ready: bool) -> None:
    """And windows without rows are none."""
    history = days(20, seed=4)
    basis = fitted_on(history)
    seen = all_observed(basis, history)
    empty = observed(basis, history[0].window, profile([], basis))
    found = calibrated([*seen[:windows], empty, empty])
    assert found.ready is ready
    assert (found.windows, found.weeks) == (windows, 3)
    p_values = found.p_values(found.scores(seen[0]))
    assert set(p_values) == set(FAMILIES)
    assert all(math.isnan(p) is not ready for p in p_values.values())


def test_two_weeks_are_needed(stream: tuple[Basis, list[Observed], list[Observed]]) -> None:
    """However many windows a single week holds."""
    found = calibrated([replace(seen, window=stream[1][0].window) for seen in stream[1][:30]])
    assert not found.ready
    assert (found.windows, found.weeks) == (30, 1)


def test_nothing_to_learn_from() -> None:
    """Is a calibration that is not ready, and survives bytes."""
    found = calibrated([])
    assert (found.ready, found.windows, found.weeks) == (False, 0, 0)
    again = Calibration.from_bytes(found.to_bytes())
    assert again.to_bytes() == found.to_bytes()
    assert not again.ready


def test_bytes_round_trip(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """The calibration that comes back scores and judges the same to the bit."""
    again = Calibration.from_bytes(calibration.to_bytes())
    assert (again.windows, again.weeks, again.tests) == (56, 8, calibration.tests)
    for name, tail in calibration.tails.items():
        assert repr(again.tails[name]) == repr(tail)  # nan is unlike itself
    for seen in stream[2][:3]:
        assert again.scores(seen) == calibration.scores(seen)
    assert again.to_bytes() == calibration.to_bytes()


def test_bytes_of_something_else_are_refused(
    stream: tuple[Basis, list[Observed], list[Observed]],
) -> None:
    """A basis is no calibration."""
    with pytest.raises(FrameError) as caught:
        Calibration.from_bytes(stream[0].to_bytes())
    assert caught.value.message == "'basis/1' is no calibration this release can read"


def test_t_squared_is_the_quadratic_form(
    stream: tuple[Basis, list[Observed], list[Observed]],
) -> None:
    """rᵀ(Σ_b + Σ_w/n + λI)⁻¹r, computed with numpy's inverse."""
    windows, seen, name = stream[1], stream[2][0], "mean"
    vectors = np.array([w.vectors[name] for w in windows])
    weekend = np.array([w.window.start.weekday() >= 5 for w in windows])
    residuals = np.empty_like(vectors)
    for kind in (True, False):
        own = weekend == kind
        centred = vectors[own] - vectors[own].mean(axis=0)
        residuals[own] = centred * math.sqrt(own.sum() / (own.sum() - 1))
    covariance = residuals.T @ residuals / 56
    within = np.mean([w.n * w.spreads[name].T @ w.spreads[name] for w in windows], axis=0)
    values, axes = np.linalg.eigh(covariance - within * np.mean([1 / w.n for w in windows]))
    between = (axes * np.maximum(values, 0)) @ axes.T
    ridge = 0.1 * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    residual = seen.vectors[name] - vectors[~weekend].mean(axis=0)
    expected = residual @ np.linalg.inv(between + within / seen.n + ridge) @ residual
    assert normal(windows, name).score(seen, name) == pytest.approx(expected, rel=1e-6)


def test_combining_families() -> None:
    """The smallest p counts as one of so many independent tests."""
    found = Calibration({}, {}, tests=4.0, windows=56, weeks=8)
    assert found.combined({"a": 0.01, "b": 0.5}) == pytest.approx(1 - 0.99**4)
    assert found.combined({"a": 1.0}) == pytest.approx(1)
    assert found.combined({"a": 0.0, "b": 0.2}) == 0


def test_rows_the_basis_was_fitted_on_are_not_observed() -> None:
    """Of 2,000 rows about a quarter lie in the basis's buckets."""
    rows = topics(2000, np.random.default_rng(5), d=8)
    one = replace(days(1, seed=0)[0])
    basis = fitted(rows[:300], fitted_buckets=8)
    status = np.zeros(2000, np.uint8)
    found = profile([replace(one.batch, vectors=rows, status=status)], basis)
    assert 1400 < observed(basis, one.window, found).n < 1600
