"""What is normal for a reference, learnt from its own windows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import kstest

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.calibration import Calibration, Channel
from monitor.errors import FrameError
from monitor.fitting import fitted
from monitor.model import Window
from monitor.profiles import profile
from monitor.readings import readings
from monitor.scores.families import WATCHED
from monitor.subsample import fitting_rows
from monitor.traces import WHOLE, Observed, observed
from tests.rows import Day, days, topics


def fitted_on(history: Sequence[Day]) -> Basis:
    """The basis that a space gets from these windows."""
    rows, buckets = fitting_rows(lambda: [day.batch for day in history], 8)
    return fitted(rows, fitted_buckets=buckets)


def all_observed(basis: Basis, history: Sequence[Day]) -> list[Observed]:
    """Each window as the rule sees it."""
    return [observed(basis, day.window, profile([day.batch], basis, sample=0)) for day in history]


def single(
    basis: Basis, calibration: Calibration, seen: Observed
) -> dict[Channel, tuple[float, float]]:
    """Score and p-value of a window by itself."""
    (one,) = calibration.seen(basis, [seen])
    return {
        channel: (float(x[0]), float(p[0])) for channel, (x, p) in calibration.judged(one).items()
    }


def p_value(basis: Basis, calibration: Calibration, seen: Observed) -> float:
    """The combined p-value of a window by itself."""
    return float(calibration.p_values(basis, [seen], 1)[0])


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
    return calibrated(stream[0], stream[1])


def test_p_values_of_fresh_windows_are_even(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """Combined over families they are not smaller than uniform ones."""
    p_values = [p_value(stream[0], calibration, seen) for seen in stream[2]]
    assert kstest(p_values, "uniform", alternative="greater").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.1) <= 0.2


def test_windows_judged_together_are_judged_as_one_by_one(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """At every resolution: eight weeks at once have the p-values of each day in its turn."""
    history = [*stream[1], *stream[2]]
    together = calibration.p_values(stream[0], history, 56)
    for i in (0, 5, 55):
        alone = readings(stream[0], calibration, history[: 57 + i])
        assert {one.span for one in alone.every} == {1, 7}
        assert together[i] == pytest.approx(alone.p_value, rel=1e-9)


@pytest.mark.parametrize("name", [name for name in WATCHED if name != "quality"])
def test_scores_out_of_fold_are_larger(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration, name: str
) -> None:
    """A fit that has seen a window finds it closer than one that has not; what is calibrated on
    is like the scores of fresh windows."""
    channel = Channel(WHOLE, 1, name)
    inside = [single(stream[0], calibration, seen)[channel][0] for seen in stream[1]]
    fresh = [single(stream[0], calibration, seen)[channel][0] for seen in stream[2]]
    typical = math.exp(calibration.levels[channel].tail.location)
    assert np.median(inside) < typical
    assert abs(math.log(np.median(fresh) / typical)) < 0.35


def test_seasons_have_their_own_means(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """A weekday's rows in a weekend's window score higher than where they belong."""
    monday, saturday = stream[2][0], stream[2][5]
    channel = Channel(WHOLE, 1, "clusters")
    assert set(calibration.rates[WHOLE].slots) == {"", "weekday", "weekend"}
    there = single(stream[0], calibration, monday)[channel][0]
    moved = replace(monday, window=saturday.window)
    elsewhere = single(stream[0], calibration, moved)[channel][0]
    assert elsewhere > 2 * there


def test_a_slot_never_seen_uses_the_mean_of_all() -> None:
    """A calibration of weekdays alone judges a weekend by all windows."""
    history = [day for day in days(35, seed=1) if day.window.start.weekday() < 5]
    basis = fitted_on(history)
    found = calibrated(basis, all_observed(basis, history))
    weekend = days(7, seed=2)[6]
    seen = observed(basis, weekend.window, profile([weekend.batch], basis))
    assert found.ready
    assert all(math.isfinite(score) for score, _ in single(basis, found, seen).values())


def test_small_windows_are_forgiven_their_noise(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """Windows with a fourth of the rows score about as windows do, not as drift: some 0.31 of them
    have a p-value of 0.1 or less (mean over histories), and half of 28 by a chance of two in
    a hundred."""
    basis = stream[0]
    smallest = []
    for day in days(28, seed=3):
        part = day.batch.take(np.arange(40))
        seen = observed(basis, day.window, profile([part], basis, sample=0))
        smallest.append(p_value(basis, calibration, seen))
    assert min(smallest) > 0.001
    assert np.mean(np.array(smallest) <= 0.1) <= 0.5


@pytest.mark.parametrize(("windows", "ready"), [(19, False), (20, True)])
def test_twenty_windows_are_needed(windows: int, ready: bool) -> None:
    """And windows without rows are none."""
    history = days(20, seed=4)
    basis = fitted_on(history)
    seen = all_observed(basis, history)
    empty = observed(basis, history[0].window, profile([], basis))
    found = calibrated(basis, [*seen[:windows], empty, empty])
    assert found.ready is ready
    assert (found.windows, found.weeks) == (windows, 3)
    assert len(found.levels) == ready * len(WATCHED)


def test_two_weeks_are_needed(stream: tuple[Basis, list[Observed], list[Observed]]) -> None:
    """However many windows a single week holds."""
    found = calibrated(
        stream[0], [replace(seen, window=stream[1][0].window) for seen in stream[1][:30]]
    )
    assert not found.ready
    assert (found.windows, found.weeks) == (30, 1)


@pytest.mark.parametrize(("windows", "ready"), [(24, False), (44, False), (48, True)])
def test_parts_of_two_weeks_are_not_two(
    stream: tuple[Basis, list[Observed], list[Observed]], windows: int, ready: bool
) -> None:
    """Quarters of days from a Sunday on: six days lie in two weeks of the calendar, as eleven do;
    from twelve on no more than a weekend is missing."""
    quarter, sunday = timedelta(hours=6), stream[1][6].window.start
    starts = [sunday + i * quarter for i in range(windows)]
    seen = [
        replace(one, window=Window(start, start + quarter))
        for one, start in zip(stream[1], starts, strict=False)
    ]
    found = calibrated(stream[0], seen)
    assert found.ready is ready
    assert found.weeks == 1 + ready


def test_nothing_to_learn_from(stream: tuple[Basis, list[Observed], list[Observed]]) -> None:
    """Is a calibration that is not ready, and survives bytes."""
    found = calibrated(stream[0], [])
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
    for seen in stream[2][:3]:
        assert single(stream[0], again, seen) == single(stream[0], calibration, seen)
    assert again.to_bytes() == calibration.to_bytes()


def test_bytes_of_something_else_are_refused(
    stream: tuple[Basis, list[Observed], list[Observed]],
) -> None:
    """A basis is no calibration."""
    with pytest.raises(FrameError) as caught:
        Calibration.from_bytes(stream[0].to_bytes())
    assert caught.value.message == "'basis/1' is no calibration this release can read"


def test_combining_channels(
    stream: tuple[Basis, list[Observed], list[Observed]], calibration: Calibration
) -> None:
    """The smallest p counts as one of so many independent tests; quality is left to itself."""
    four = replace(calibration, tests=4.0, tail=None)
    a, b = Channel(WHOLE, 1, "mean"), Channel(WHOLE, 1, "clusters")
    quality = Channel(WHOLE, 1, "quality")
    found = four.combined(
        {a: np.array([0.01, 1, 0]), b: np.array([0.5, math.nan, 0.2]), quality: np.zeros(3)}
    )
    assert found == pytest.approx([1 - 0.99**4, 1, 0])
    assert np.isnan(four.combined({quality: np.array([0.5])})).all()


def test_what_few_windows_had_themselves_holds_back(calibration: Calibration) -> None:
    """Where the tail of what the 56 windows had says that a p-value is less rare than so many
    tests make it, that counts; it begins at their median."""
    assert calibration.tail is not None and calibration.tail.share == 0.5
    smallest = np.array([1e-9, 1e-6])
    own = calibration.tail.p_values(-np.log(smallest))
    assert (own > -np.expm1(calibration.tests * np.log1p(-smallest))).all()
    assert calibration.recalibrated(smallest) == pytest.approx(own)


def test_rows_the_basis_was_fitted_on_are_not_observed() -> None:
    """Of 2,000 rows about a quarter lie in the basis's buckets."""
    rows = topics(2000, np.random.default_rng(5), d=8)
    one = replace(days(1, seed=0)[0])
    basis = fitted(rows[:300], fitted_buckets=8)
    status = np.zeros(2000, np.uint8)
    found = profile([replace(one.batch, vectors=rows, status=status)], basis)
    assert 1400 < observed(basis, one.window, found).n < 1600
