"""How far rows of clusters lie from their centres, among windows that vary."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.basis import Basis
from monitor.profiles import Profile, profile
from monitor.scores.radii import Radii, sums
from tests.rows import batch, topics


def window(basis: Basis, rng: np.random.Generator, n: int = 3000, jitter: float = 0.0) -> Profile:
    """Rows of topics, all as much wider or tighter as this window happens to be."""
    spread = 0.4 * float(np.exp(jitter * rng.normal()))
    return profile([batch(topics(n, rng, spread=spread))], basis, sample=0)


@pytest.mark.parametrize("jitter", [0.0, 0.03])
def test_z_of_a_quiet_window_has_a_deviation_of_one(basis: Basis, jitter: float) -> None:
    """Among windows that vary by themselves as among those that only sampling tells apart: 40 of
    each to learn from, 40 to judge."""
    rng = np.random.default_rng(0)
    usual = Radii.among([sums(window(basis, rng, jitter=jitter)) for _ in range(40)])
    z = np.array([usual.change(window(basis, rng, jitter=jitter))[1] for _ in range(40)])
    assert z.std() == pytest.approx(1, abs=0.15)


def test_two_samples_know_of_sampling_alone(basis: Basis) -> None:
    """The deviation of z is one there as well (30 pairs)."""
    rng = np.random.default_rng(1)
    pairs = [(window(basis, rng), window(basis, rng)) for _ in range(30)]
    z = np.array([Radii.of(a).change(b)[1] for a, b in pairs])
    assert z.std() == pytest.approx(1, abs=0.1)


def test_between_is_the_variance_of_one_way_analysis() -> None:
    """As worked out from the rows: groups of unlike size, one cluster."""
    rng = np.random.default_rng(2)
    groups = [rng.normal(5 + rng.normal(0, 0.5), 1, n) for n in (30, 50, 80, 40)]
    rows = [np.array([[len(g)], [g.sum()], [np.square(g).sum()]]) for g in groups]
    n, whole = np.array([len(g) for g in groups]), np.concatenate(groups)
    means = np.array([g.mean() for g in groups])
    within = sum(np.square(g - g.mean()).sum() for g in groups) / (n.sum() - 4)
    apart = (n * np.square(means - whole.mean())).sum() / 3
    size = (n.sum() - (n**2).sum() / n.sum()) / 3
    found = Radii.among(rows)
    assert found.mean == pytest.approx([whole.mean()])
    assert found.between == pytest.approx([(apart - within) / size])


def test_few_rows_and_one_user_say_nothing(basis: Basis) -> None:
    """Under 20 rows in a cluster, or many rows of one entity: ratio 1, z 0."""
    rng = np.random.default_rng(3)
    usual = Radii.of(window(basis, rng))
    few = profile([batch(topics(15, rng))], basis, sample=0)
    alone = profile([batch(topics(3000, rng), ["u"] * 3000)], basis, sample=0)
    for one in (few, alone):
        ratio, z = usual.change(one)
        assert (ratio == 1).all()
        assert (z == 0).all()
