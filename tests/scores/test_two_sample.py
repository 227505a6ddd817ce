"""The bucket permutation test: its level, its power, and what it must not depend on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import kstest

from monitor.basis import Basis
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.profiles import alike_parts, parted, products_kept, profile
from monitor.scores.two_sample import NAMES, TwoSample, two_sample
from tests.rows import Floats, batch, topics

D = 16
N = 400


def judged(
    a: Floats,
    b: Floats,
    *,
    entities: tuple[list[str], list[str]] | None = None,
    basis: Basis | None = None,
    seed: int = 0,
) -> TwoSample:
    """The test of b against a as `drift` does it: fitted on both, the larger side in parts."""
    basis = fitted(np.vstack([a, b]), seed=seed) if basis is None else basis
    sides, parts = [], alike_parts(len(a), len(b))
    frame = Frame(basis, sample=0, crossed=products_kept(basis, parts))
    for side, rows in enumerate((a, b)):
        named = batch(rows, None if entities is None else entities[side])
        sides.append(parted([named], frame, parts[side])[0])
    return two_sample(basis, *sides, seed=seed)


def same_world(seed: int, n: int = N, m: int = N) -> tuple[Floats, Floats]:
    """Two samples of the same five topics."""
    rng = np.random.default_rng(seed)
    return topics(n, rng, d=D), topics(m, rng, d=D)


def users(rng: np.random.Generator, n: int) -> tuple[Floats, list[str]]:
    """n rows, five to a user, whose rows lie closely about one point."""
    points = topics(n // 5, rng, d=D)
    rows = np.repeat(points, 5, axis=0) + 0.05 * rng.normal(size=(n, D)).astype(np.float32)
    return rows, [str(name) for name in np.repeat(rng.integers(0, 2**62, n // 5), 5)]


def test_p_is_uniform_without_a_difference() -> None:
    """100 pairs of samples of one distribution: p spreads evenly, at most a tenth is below 5 %."""
    p_values = [judged(*same_world(seed, 200, 200), seed=seed).p_value for seed in range(100)]
    assert kstest(p_values, "uniform").pvalue > 0.01
    assert np.mean(np.array(p_values) <= 0.05) <= 0.10


def test_rows_of_a_user_count_together() -> None:
    """The same with five rows to a user, of whom whole ones are permuted; where users are not
    named, correlated rows look like a difference most of the time."""
    basis = fitted(topics(600, np.random.default_rng(1000), d=D))
    named, unnamed = [], []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        (a, users_a), (b, users_b) = users(rng, N), users(rng, N)
        named.append(judged(a, b, entities=(users_a, users_b), basis=basis, seed=seed).p_value)
        if seed < 20:
            unnamed.append(judged(a, b, basis=basis, seed=seed).p_value)
    assert np.mean(np.array(named) <= 0.05) <= 0.10
    assert kstest(named, "uniform").pvalue > 0.01
    assert np.mean(np.array(unnamed) <= 0.05) >= 0.5


@pytest.mark.parametrize(("n", "m"), [(2000, 200), (60, 600)])
def test_sides_of_unlike_size_keep_the_level(n: int, m: int) -> None:
    """The larger side is permuted in parts about as large as the smaller one: of 20 pairs at most
    three are told apart at 5 % (more has a chance of 2 %)."""
    p_values = [judged(*same_world(seed, n, m), seed=seed).p_value for seed in range(20)]
    assert (np.array(p_values) <= 0.05).sum() <= 3


def changed_in(kind: str, rows: Floats, rng: np.random.Generator) -> Floats:
    """The rows after a change that nobody would overlook."""
    if kind == "mean":
        return np.asarray(rows + 0.5)
    if kind == "scale":
        return np.asarray(rows * 1.3)
    if kind == "rotation":
        return rows[:, np.roll(np.arange(D), 1)]
    return topics(len(rows), rng, d=D, weights=(1, 2, 2, 1, 3))


@pytest.mark.parametrize("kind", ["mean", "scale", "rotation", "topics"])
def test_an_obvious_difference_is_always_found(kind: str) -> None:
    """Five of five, at the smallest p-value there is."""
    for seed in range(5):
        a, b = same_world(seed)
        found = judged(a, changed_in(kind, b, np.random.default_rng(seed)), seed=seed)
        assert found.p_value == 0.001
        assert found.score > found.threshold
        assert any(family.drifted for family in found.families)


def test_a_difference_in_few_rows_of_the_smaller_side_is_found() -> None:
    """3,000 rows against 150 of which a third is a new topic."""
    a, b = same_world(3, 3000, 150)
    b = np.vstack([b[:100], b[100:] + 3]).astype(np.float32)
    assert judged(a, b).p_value == 0.001


def test_the_same_seed_gives_the_same_answer() -> None:
    """Another seed permutes otherwise but agrees."""
    a, b = same_world(5)
    basis = fitted(np.vstack([a, b]))
    first = judged(a, b, basis=basis, seed=1)
    assert judged(a, b, basis=basis, seed=1) == first
    other = judged(a, b, basis=basis, seed=2)
    assert other.score != first.score
    assert abs(other.p_value - first.p_value) < 0.08


def test_the_sides_are_exchangeable() -> None:
    """B against A gives each family the statistic of A against B."""
    a, b = same_world(6)
    basis = fitted(np.vstack([a, b]))
    there, back = judged(a, b, basis=basis), judged(b, a, basis=basis)
    assert [f.name for f in there.families] == list(NAMES)
    for one, other in zip(there.families, back.families, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-6)


def test_equal_sides_are_no_difference() -> None:
    """A sample against itself: every permutation is at least as far apart."""
    a, _ = same_world(7)
    found = judged(a, a)
    assert found.p_value == 1
    assert not any(family.drifted for family in found.families)


def test_dead_dimensions_change_nothing() -> None:
    """Constant dimensions beside the real ones leave the p-value where it is. (Rows are named, as
    else the hash of their vectors would put them into other buckets.)"""
    a, b = same_world(8)
    names = [f"a{i}" for i in range(N)], [f"b{i}" for i in range(N)]
    wide = [np.hstack([side, np.zeros((N, 5), np.float32)]) for side in (a, b)]
    assert fitted(np.vstack(wide)).components.shape == (D + 5, D)
    found = [judged(*sides, entities=names).p_value for sides in (wide, (a, b))]
    assert abs(found[0] - found[1]) < 0.02


def test_bad_rows_on_one_side_are_a_difference_of_quality() -> None:
    """40 of 400 rows with NaN: the family that counts them says so, and the others do not."""
    a, b = same_world(9)
    b = b.copy()
    b[:40, 3] = np.nan
    basis = fitted(np.vstack([a, b[40:]]))
    found = {family.name: family for family in judged(a, b, basis=basis).families}
    assert found["quality"].drifted
    assert found["quality"].p_value == 0.001
    assert not any(family.drifted for name, family in found.items() if name != "quality")


def test_nothing_on_one_side_is_no_answer() -> None:
    """Every number is nan, never a large p-value."""
    a, _ = same_world(10)
    basis = fitted(a)
    full, empty = profile([batch(a)], basis), profile([], basis)
    for sides in ((full, empty), (empty, full), (empty, empty)):
        found = two_sample(basis, *sides)
        assert math.isnan(found.p_value)
        assert math.isnan(found.score)
        assert math.isnan(found.threshold)
        assert all(math.isnan(family.p_value) for family in found.families)
        assert not any(family.drifted for family in found.families)


def test_very_few_rows_give_large_p_values() -> None:
    """Of two rows against two nothing can be said, and nothing breaks."""
    a, b = same_world(11)
    basis = fitted(np.vstack([a, b]))
    found = two_sample(basis, profile([batch(a[:2])], basis), profile([batch(b[:2])], basis))
    assert 0.05 < found.p_value <= 1
