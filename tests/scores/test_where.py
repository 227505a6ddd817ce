"""Where a change is: the right clusters and components, and few wrong ones."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import false_discovery_control, norm

from monitor.basis import Basis
from monitor.profiles import Profile, profile
from monitor.scores.radii import Radii
from monitor.scores.where import (
    cluster_changes,
    component_shares,
    discoveries,
    share_z,
    two_sided,
)
from tests.rows import Floats, batch, topics


def seen(basis: Basis, rows: Floats, entities: list[str] | None = None) -> Profile:
    """The profile of some rows."""
    return profile([batch(rows, entities)], basis, sample=0)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_discoveries_are_benjamini_hochbergs(seed: int, rate: float) -> None:
    """As scipy adjusts the p-values, ties included."""
    rng = np.random.default_rng(seed)
    p_values = np.append(rng.random(30), rng.random(10) * 0.01).round(3)
    expected = false_discovery_control(p_values) <= rate
    assert discoveries(p_values, rate).tolist() == expected.tolist()


def test_no_hypotheses_no_discoveries() -> None:
    """Nothing is found among nothing, nor where all is chance."""
    assert discoveries(np.empty(0)).tolist() == []
    assert not discoveries(np.full(20, 0.8)).any()


def test_two_sided_p_values() -> None:
    """As scipy's normal tail, far out too."""
    z = np.array([-8.0, -1.0, 0.0, 2.5, 30.0])
    np.testing.assert_allclose(two_sided(z), 2 * norm.sf(np.abs(z)))


def test_the_clusters_that_changed_are_found(basis: Basis) -> None:
    """A topic that doubles is where the discoveries are, first in the list, with bounds that hold
    its share; the other topics' clusters are not discovered in number."""
    rng = np.random.default_rng(0)
    a = seen(basis, topics(4000, rng, weights=(2, 2, 2, 2, 1)))
    b = seen(basis, topics(4000, rng, weights=(2, 2, 2, 2, 2)))
    centres = np.random.default_rng(99).normal(size=(5, 16))
    codebook = basis.x0 + basis.codebook @ basis.components.T
    topic = np.square(codebook[:, None] - centres).sum(axis=2).argmin(axis=1)
    found = cluster_changes(a, b, share_z(a, b), Radii.of(a))
    grown = {change.id for change in found if change.drifted and change.z > 0}
    assert grown == set(np.flatnonzero(topic == 4).tolist())
    assert found[0].id in grown
    for change in found:
        assert change.low <= change.current_share <= change.high
    sizes = [abs(change.current_share - change.reference_share) for change in found]
    assert sizes == sorted(sizes, reverse=True)


def test_a_cluster_whose_rows_spread_out_is_found(basis: Basis) -> None:
    """One whose rows lie twice as far from its centre is marked for that and not for its share;
    where nothing alarmed neither mark stays."""
    rng = np.random.default_rng(0)
    a, rows = seen(basis, topics(4000, rng)), topics(4000, rng)
    centres = basis.x0 + basis.codebook @ basis.components.T
    own = np.square(rows[:, None] - centres).sum(axis=2).argmin(axis=1) == 0
    away = centres[0] + 1.3 * (rows[own] - centres[0])
    stays = np.square(away[:, None] - centres).sum(axis=2).argmin(axis=1) == 0
    rows[np.flatnonzero(own)[stays]] = away[stays]
    found = cluster_changes(a, b := seen(basis, rows), share_z(a, b), Radii.of(a))
    assert {change.id for change in found if change.radius_drifted} == {0}
    assert not any(change.drifted for change in found)
    change = next(change for change in found if change.id == 0)
    assert change.radius_ratio > 1.1
    assert not change.cleared.radius_drifted


def test_few_false_discoveries_without_a_change(basis: Basis) -> None:
    """Of 40 pairs at most eight have any (the rate of 10 % allows four)."""
    hits = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        a, b = seen(basis, topics(500, rng)), seen(basis, topics(500, rng))
        found = cluster_changes(a, b, share_z(a, b), Radii.of(a))
        hits += any(change.drifted or change.radius_drifted for change in found)
    assert hits <= 8


def test_rows_of_an_entity_widen_the_noise(basis: Basis) -> None:
    """Ten copies of each row are no more evidence than one."""
    rng = np.random.default_rng(1)
    spread = []
    for _ in range(20):
        sides = []
        for _ in range(2):
            names = [f"{rng.integers(2**60)}" for _ in range(100)]
            rows = np.repeat(topics(100, rng), 10, axis=0)
            sides.append(seen(basis, rows, np.repeat(names, 10).tolist()))
        spread.append(share_z(*sides).std())
    assert 0.7 < np.mean(spread) < 1.3


def test_components_share_the_shift(basis: Basis) -> None:
    """A shift along the third component is all its own."""
    rng = np.random.default_rng(2)
    a, b = topics(5000, rng), topics(5000, rng)
    found = component_shares(basis, seen(basis, a), seen(basis, b + 2 * basis.components[:, 2]))
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 2
    assert found[2] > 0.95


def test_bounds_of_a_change_hold_it_as_often_as_they_say(basis: Basis) -> None:
    """Without a change 0 lies inside about 95 % of the intervals (60 trials of 15 clusters or
    so, rows independent), and inside is where the change itself is."""
    rng = np.random.default_rng(1)
    held = []
    for _ in range(60):
        a, b = (seen(basis, topics(500, rng)) for _ in range(2))
        found = cluster_changes(a, b, share_z(a, b), Radii.of(a))
        held += [change.change_low <= 0 <= change.change_high for change in found]
        changes = [change.current_share - change.reference_share for change in found]
        assert all(
            one.change_low <= change <= one.change_high
            for one, change in zip(found, changes, strict=True)
        )
    assert 0.93 <= np.mean(held) <= 0.99
