"""Known topics in other proportions, told apart from other things within them."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial.distance import cdist

from monitor.basis import Basis
from monitor.profiles import Profile, profile
from monitor.scores.effect import effect
from monitor.scores.radii import Radii
from monitor.scores.split import Split, split
from monitor.scores.where import cluster_changes, share_z
from tests.rows import Floats, batch, topics

N = 2000


def parts(basis: Basis, a: Floats, b: Floats) -> Split:
    """The change from a to b in its parts."""
    sides: list[Profile] = [profile([batch(rows)], basis, sample=0) for rows in (a, b)]
    moved = effect(basis, *sides, (len(a), len(b))).tv_clusters
    return split(*sides, cluster_changes(*sides, share_z(*sides), Radii.of(sides[0])), moved)


def test_other_proportions_are_mix_alone(basis: Basis) -> None:
    """A tenth of the rows goes to another topic; at most two of ten pairs seem to hold others."""
    found = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        a, b = topics(N, rng, weights=(3, 2, 2, 2, 1)), topics(N, rng, weights=(2, 2, 2, 2, 2))
        found.append(parts(basis, a, b))
    assert abs(np.mean([one.mix for one in found]) - 0.1) < 0.02
    assert sum(one.content_changed for one in found) <= 2
    assert not any(one.new_share for one in found)


def test_a_topic_from_nothing_is_content(basis: Basis) -> None:
    """A fifth of the rows lies where the reference has none."""
    rng = np.random.default_rng(1)
    a, b = topics(N, rng, weights=(3, 2, 2, 1, 0)), topics(N, rng, weights=(3, 2, 2, 1, 2))
    found = parts(basis, a, b)
    assert found.content_changed
    assert abs(found.new_share - 0.2) < 0.03
    assert found.mix < 0.03


def test_rows_farther_from_their_centres_are_content(basis: Basis) -> None:
    """All distances times 1.1 in other proportions too: a ratio of 1.1 and p of 0.001."""
    rng = np.random.default_rng(2)
    a, b = topics(N, rng), topics(N, rng, weights=(2, 2, 2, 2, 2))
    y = (b - basis.x0) @ basis.components
    centres = basis.codebook[cdist(y, basis.codebook).argmin(axis=1)]
    moved = basis.x0 + (centres + 1.1 * (y - centres)) @ basis.components.T
    found = parts(basis, a, moved)
    assert abs(found.radius_ratio - 1.1) < 0.02
    assert found.radius_p == 0.001
    assert found.content_changed
    assert found.new_share == 0


def test_nothing_on_a_side_is_no_answer(basis: Basis) -> None:
    """Neither ratio nor p."""
    found = parts(basis, topics(100, np.random.default_rng(3)), topics(0, np.random.default_rng(3)))
    assert math.isnan(found.radius_ratio)
    assert math.isnan(found.radius_p)
    assert not found.content_changed
