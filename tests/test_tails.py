"""Tails: how likely a score is in a quiet window."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2, genpareto, kstest, t

from monitor.tails import MANY, Excess, Tail


@pytest.mark.parametrize("n", [5, 30, 150])
def test_log_t_is_the_predictive_distribution(n: int) -> None:
    """As scipy's t of n − 1 degrees on the log scores, widened for one more of them."""
    scores = np.exp(np.random.default_rng(n).normal(2, 0.4, n))
    logs = np.log(scores)
    tail = Tail.fitted(scores)
    spread = logs.std(ddof=1) * math.sqrt(1 + 1 / n)
    for x in (1.0, 7.0, 20.0, 500.0):
        expected = t(df=n - 1, loc=logs.mean(), scale=spread).sf(math.log(x))
        assert tail.p_value(x) == pytest.approx(expected, rel=1e-9)


def test_log_t_p_values_are_uniform() -> None:
    """One more draw of the same kind has a uniform p-value, from ten scores on."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(500):
        scores = np.exp(rng.normal(3, 0.5, 11))
        found.append(Tail.fitted(scores[:10]).p_value(scores[10]))
    assert kstest(found, "uniform").pvalue > 0.01


@pytest.mark.parametrize("shape", [0.0, 0.2, 0.4])
def test_pareto_tail_of_known_draws(shape: float) -> None:
    """Of 20,000 draws, the score whose chance is 1 in 1000 gets it within a quarter."""
    known = genpareto(c=shape, scale=2.0)
    scores = known.rvs(20_000, random_state=np.random.default_rng(7))
    tail = Tail.fitted(scores)
    assert tail.excess is not None and tail.excess.shape >= 0
    for p in (0.05, 0.01, 0.001):
        (found,) = tail.excess.p_values(known.isf([p]))
        assert found == pytest.approx(p, rel=0.25)
        assert tail.p_value(known.isf(p)) >= found


def test_a_light_tail_is_taken_as_exponential() -> None:
    """Bounded scores would fit a negative shape; it is held at zero, which is safe."""
    scores = np.random.default_rng(2).uniform(0, 1, 1000)
    tail = Tail.fitted(scores)
    assert tail.excess is not None and tail.excess.shape == 0
    assert tail.p_value(1.5) > 0


@pytest.mark.parametrize("n", [21, 56])
def test_an_exponential_tail_of_unknown_scale(n: int) -> None:
    """Of few exponential scores, one more has each p-value below a half as often as it says; and
    it is scipy's generalised Pareto past the median."""
    rng = np.random.default_rng(n)
    draws = rng.exponential(3.0, (4000, n + 1))
    found = np.array([Excess.exponential(own[:-1]).p_values(own[-1:])[0] for own in draws])
    for p in (0.2, 0.05, 0.01):
        assert abs((found <= p).sum() - (found == 0).sum() - 4000 * p) < 4 * math.sqrt(4000 * p)
    tail = Excess.exponential(draws[0])
    past = draws[0][draws[0] > tail.start] - tail.start
    known = genpareto(c=1 / len(past), loc=tail.start, scale=past.mean())
    assert tail.p_values(np.array([30.0]))[0] == pytest.approx(known.sf(30.0) / 2)


def test_no_tail_of_scores_that_are_all_equal() -> None:
    """There is nothing past their median or their 90 % point."""
    assert Excess.exponential(np.ones(30)) is None
    assert Excess.fitted(np.ones(300)) is None


def test_the_larger_of_both_counts() -> None:
    """From 200 scores on a Pareto tail is fitted too; p falls with the score throughout."""
    scores = chi2(20).rvs(MANY, random_state=np.random.default_rng(3))
    few, many = Tail.fitted(scores[:-1]), Tail.fitted(scores)
    assert few.excess is None
    assert many.excess is not None and many.excess.start == np.quantile(scores, 0.9)
    xs = np.linspace(scores.min(), 4 * scores.max(), 200)
    p_values = np.array([many.p_value(x) for x in xs])
    assert (np.diff(p_values) <= 1e-12).all()
    assert (p_values >= [few_t(many, x) for x in xs]).all()


def few_t(tail: Tail, x: float) -> float:
    """The log-t part alone."""
    return Tail(tail.location, tail.deviation, tail.n).p_value(x) * (1 - 1e-12)


def test_false_alarms_at_one_in_a_thousand() -> None:
    """χ² scores of 60 quiet windows: of 20,000 more at most 1 in 500 is past 1 in 1000."""
    rng = np.random.default_rng(4)
    past = 0
    for _ in range(40):
        tail = Tail.fitted(rng.chisquare(30, 60))
        past += sum(tail.p_value(x) <= 0.001 for x in rng.chisquare(30, 500))
    assert past <= 40


def test_no_score_has_no_p_value() -> None:
    """Nan stays nan; zero is a score like others, and an infinite one is as unlikely as can be."""
    tail = Tail.fitted(np.array([1.0, 2.0, 3.0, 4.0]))
    assert math.isnan(tail.p_value(math.nan))
    assert tail.p_value(math.inf) == 0
    assert tail.p_value(0.0) > 0.99


def test_scores_that_are_all_equal() -> None:
    """A family that never moved: itself is no event, and any other score is one."""
    tail = Tail.fitted(np.zeros(60))
    assert tail.p_value(0.0) == pytest.approx(0.5)
    assert tail.p_value(1.0) < 1e-6
