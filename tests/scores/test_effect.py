"""The size of a difference: none where there is none, the true one where there is one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import roc_auc_score

from monitor.basis import Basis
from monitor.fitting import fitted
from monitor.profiles import profile
from monitor.scores.effect import Effect, effect, n_effective, shares
from monitor.sizes import GATES
from monitor.stats.hashing import row_hashes
from tests.rows import Floats, batch, topics


def measured(basis: Basis, a: Floats, b: Floats) -> Effect:
    """The effect of b against a, all rows independent."""
    sides = [profile([batch(rows)], basis, sample=0) for rows in (a, b)]
    return effect(basis, *sides, (n_effective(basis, sides[0]), n_effective(basis, sides[1])))


@pytest.mark.parametrize(
    ("n", "trials", "most"),
    [(200, 60, (0.015, 0.04, 0.54, 0.02)), (20_000, 4, (0.002, 0.005, 0.51, 0.002))],
)
def test_next_to_nothing_without_a_difference(
    basis: Basis, n: int, trials: int, most: tuple[float, ...]
) -> None:
    """On average, of few rows and of many; raw total variation of 200 rows would be 0.09."""
    found = []
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        one = measured(basis, topics(n, rng), topics(n, rng))
        found.append([one.tv_clusters, one.mean_sd, one.auc, abs(math.log(one.residual_ratio))])
    assert (np.mean(found, axis=0) <= most).all(), np.mean(found, axis=0)


def test_shares_that_moved(basis: Basis) -> None:
    """A tenth of the rows goes from the first topic to the last: total variation 0.1. Counts of
    nearest centres say the same, but for the noise of their sampling, which is taken off: with
    20,000 rows in 31 clusters a little too much of it, 0.01 over the bases of eight seeds."""
    rng = np.random.default_rng(0)
    a = topics(20_000, rng, weights=(3, 2, 2, 2, 1))
    b = topics(20_000, rng, weights=(2, 2, 2, 2, 2))
    found = measured(basis, a, b).tv_clusters
    counts = [
        np.bincount(
            cdist((x - basis.x0) @ basis.components, basis.codebook).argmin(axis=1),
            minlength=len(basis.codebook),
        )
        for x in (a, b)
    ]
    assert 0 < np.abs(counts[0] - counts[1]).sum() / 40_000 - found < 0.025
    assert abs(found - 0.1) < 0.02


@pytest.mark.parametrize("n", [200, 1000])
def test_a_topic_from_nothing(basis: Basis, n: int) -> None:
    """A quarter of the rows goes to a topic that had none, all others shrink: 0.24 on average,
    though no other cluster's change is past its noise."""
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = topics(n, rng, weights=(3, 2, 2, 2, 0)), topics(n, rng, weights=(3, 2, 2, 2, 0))
        new = topics(n * 24 // 100, rng, weights=(0, 0, 0, 0, 1))
        found.append(measured(basis, a, np.vstack([b[len(new) :], new])).tv_clusters)
    assert abs(np.mean(found) - 0.24) < 0.02


@pytest.mark.parametrize("size", [0.05, 0.2, 1.0])
def test_a_shift_of_the_mean(basis: Basis, size: float) -> None:
    """Every row moves by `size` times the radius in one direction: mean_sd is `size`."""
    rng = np.random.default_rng(1)
    a, b = topics(20_000, rng), topics(20_000, rng)
    radius = math.sqrt(float(np.square(basis.deviations).sum()))
    found = measured(basis, a, b + size * radius * basis.components[:, 3])
    assert abs(found.mean_sd - size) < 0.01


@pytest.mark.parametrize("shift", [0.5, 1.5])
def test_auc_of_the_best_linear_detector(shift: float) -> None:
    """Normal rows shifted by `shift` deviations: scikit-learn's AUC of the true direction."""
    rng = np.random.default_rng(2)
    a, b = (rng.normal(size=(20_000, 8)).astype(np.float32) for _ in range(2))
    b[:, 2] += shift
    basis = fitted(rng.normal(size=(2000, 8)).astype(np.float32))
    truth = np.repeat([0, 1], 20_000)
    expected = roc_auc_score(truth, np.append(a[:, 2], b[:, 2]))
    assert abs(measured(basis, a, b).auc - expected) < 0.01


def test_auc_where_the_sides_spread_unlike() -> None:
    """Normal rows of unlike covariance: the AUC of scikit-learn's discriminant on other rows."""
    rng = np.random.default_rng(4)
    turn = np.linalg.qr(rng.normal(size=(8, 8)))[0] * np.array([3, 1, 1, 1, 1, 1, 1, 0.3])

    def sides() -> tuple[Floats, Floats]:
        a, b = (rng.normal(size=(20_000, 8)).astype(np.float32) for _ in range(2))
        return a, (b @ turn.T + 0.5).astype(np.float32)

    a, b = sides()
    truth = np.repeat([0, 1], 20_000)
    rule = LinearDiscriminantAnalysis().fit(np.vstack([a, b]), truth)
    expected = roc_auc_score(truth, rule.decision_function(np.vstack(sides())))
    basis = fitted(rng.normal(size=(2000, 8)).astype(np.float32))
    assert abs(measured(basis, a, b).auc - expected) < 0.01


@pytest.mark.parametrize(
    ("share", "least", "most"), [(0.1, 0.5, 0.7), (0.4, 0.65, 0.85), (1, 0.99, 1)]
)
def test_only_another_topic_for_all_rows_tells_all_rows_apart(
    basis: Basis, share: float, least: float, most: float
) -> None:
    """Rows of a topic far away, as few or as many as they are."""
    rng = np.random.default_rng(5)
    a, b = topics(4000, rng), topics(4000, rng)
    moved = rng.random(4000) < share
    b[moved] += 3 * np.random.default_rng(6).normal(size=16).astype(np.float32)
    assert least <= measured(basis, a, b).auc <= most


@pytest.mark.parametrize("factor", [0.8, 1.3])
def test_rows_farther_out_or_closer_in(basis: Basis, factor: float) -> None:
    """Distances to the nearest centre times `factor` are a residual ratio of `factor`."""
    rng = np.random.default_rng(3)
    a, b = topics(5000, rng), topics(5000, rng)
    y = (b - basis.x0) @ basis.components
    centres = basis.codebook[cdist(y, basis.codebook).argmin(axis=1)]
    moved = basis.x0 + (centres + factor * (y - centres)) @ basis.components.T
    found = measured(basis, a, moved.astype(np.float32)).residual_ratio
    assert abs(found / factor - 1) < 0.05


def test_rows_outside_the_subspace() -> None:
    """What leaves the span of the reference shows in the ratio, however close its projection."""
    rng = np.random.default_rng(4)
    a, b = topics(3000, rng), topics(3000, rng)
    flat = [x.copy() for x in (topics(2000, rng), a, b)]
    for x in flat:
        x[:, 12:] = 0.01 * rng.normal(size=(len(x), 4))
    flat[0][:, 12:] = 0
    basis = fitted(flat[0])
    assert basis.components.shape == (16, 12)
    flat[2][:, 15] += 0.2
    assert abs(measured(basis, flat[1], flat[1]).residual_ratio - 1) < 1e-6
    assert measured(basis, flat[1], flat[2]).residual_ratio > 1 + GATES["residual_ratio"]


def test_rows_of_an_entity_count_once(basis: Basis) -> None:
    """Rows repeated five to an entity are worth a fifth; independent rows nearly all."""
    rng = np.random.default_rng(5)
    ratios, alone = [], []
    for _ in range(20):
        points = topics(400, rng)
        users = [f"{rng.integers(2**60)}" for _ in range(400)]
        rows = batch(np.repeat(points, 5, axis=0), np.repeat(users, 5).tolist())
        ratios.append(n_effective(basis, profile([rows], basis, sample=0)) / 2000)
        alone.append(n_effective(basis, profile([batch(topics(2000, rng))], basis, sample=0)))
    assert abs(np.mean(ratios) - 0.2) < 0.03
    assert 1800 < np.mean(alone) <= 2000


def test_effective_rows_of_next_to_nothing(basis: Basis) -> None:
    """No row is worth nothing; a thousand rows of one user are worth one."""
    rows = topics(1000, np.random.default_rng(6))
    assert n_effective(basis, profile([], basis)) == 0
    assert n_effective(basis, profile([batch(rows[:1])], basis)) == 1
    assert n_effective(basis, profile([batch(rows, ["u"] * 1000)], basis)) == 1


def test_nothing_on_one_side_is_nan(basis: Basis) -> None:
    """And passes no gate."""
    some = profile([batch(topics(50, np.random.default_rng(7)))], basis)
    for sides in ((some, profile([], basis)), (profile([], basis), some)):
        found = effect(basis, *sides, (1, 1))
        assert all(math.isnan(value) for value in found.to_dict().values())
        assert not found.passes()


@pytest.mark.parametrize(
    ("one", "passes"),
    [
        (Effect(0.0, 0.0, 0.5, 1.0), False),
        (Effect(0.019, 0.049, 0.549, 1.049), False),
        (Effect(0.02, 0.0, 0.5, 1.0), True),
        (Effect(0.0, 0.05, 0.5, 1.0), True),
        (Effect(0.0, 0.0, 0.55, 1.0), True),
        (Effect(0.0, 0.0, 0.5, 1.051), True),
        (Effect(0.0, 0.0, 0.5, 0.949), True),
    ],
)
def test_gates(one: Effect, passes: bool) -> None:
    """Each measure opens its own gate, the ratio either way."""
    assert one.passes() is passes


def test_rows_of_the_basis_are_left_out() -> None:
    """Where the basis was fitted on the first eight buckets, rows in them change nothing."""
    rng = np.random.default_rng(8)
    basis = fitted(topics(500, rng), fitted_buckets=8)
    a, b = topics(2000, rng), topics(2000, rng)
    inside = row_hashes(b) % np.uint64(32) < 8
    found = measured(basis, a, b)
    assert measured(basis, a, b[~inside]) == found
    changed = np.vstack([b[~inside], b[inside][:50]])
    assert measured(basis, a, changed) == found
    assert n_effective(basis, profile([batch(b)], basis)) <= (~inside).sum()


def test_shares_add_up_to_one(basis: Basis) -> None:
    """Of the rows of each cluster; of no rows all are zero."""
    some = profile([batch(topics(500, np.random.default_rng(9)))], basis)
    assert shares(some).sum() == pytest.approx(1)
    assert not shares(profile([], basis)).any()
