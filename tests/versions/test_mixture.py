"""Two kinds of rows are parted at a gap, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.versions.mixture import coherence, profile_correlation, split
from monitor.versions.neighbours import unit

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.3, 0.7, 0.95])
def test_changed_rows_are_parted_from_equal_ones(share: float) -> None:
    """Whatever their share: rows at rest against rows that moved."""
    residual = np.where(np.arange(1000) < share * 1000, RNG.normal(0.9, 0.1, 1000), 0.0)
    found = split(residual)
    assert (found.outside == (residual > 0)).all()
    assert found.kept == pytest.approx(1 - share)
    assert found.bulk == 0.0


def test_changed_rows_are_parted_from_noisy_ones() -> None:
    """The bulk may move a little, each row by another amount."""
    residual = np.exp(RNG.normal(np.log(0.03), 0.15, 1000))
    residual[:50] = RNG.normal(0.9, 0.1, 50)
    assert split(residual).outside.nonzero()[0].tolist() == list(range(50))


@pytest.mark.parametrize("spread", [0.05, 0.15, 0.3, 0.6])
def test_one_kind_of_rows_is_not_parted(spread: float) -> None:
    """Of 40 samples of one lognormal, tight or loose, at most one is parted."""
    samples = [np.exp(RNG.normal(-1, spread, 1000)) for _ in range(40)]
    assert sum(split(sample).outside.any() for sample in samples) <= 1


def test_rounding_is_no_change() -> None:
    """Equal bits and rounded values are one kind."""
    assert not split(np.repeat([0.0, 1e-7, 2e-3], 100)).outside.any()


def test_nothing_is_parted_of_nothing() -> None:
    """No rows, one row, equal rows."""
    for residual in ([], [0.4], [0.4] * 10):
        assert not split(np.array(residual)).outside.any()


def test_another_encoder_keeps_similarities_and_random_rows_do_not() -> None:
    """Mantel's correlation, and each row's profile against a panel."""
    x = RNG.normal(size=(60, 6)) @ RNG.normal(size=(6, 64))
    other = x @ RNG.normal(size=(64, 64)) / 8 + 0.3 * RNG.normal(size=x.shape)
    noise = RNG.normal(size=x.shape)
    x, other, noise = (rows.astype(np.float32) for rows in (x, other, noise))
    relation, p_value = coherence(x, other, np.random.default_rng(0))
    assert relation > 0.5
    assert p_value < 0.01
    relation, p_value = coherence(x, noise, np.random.default_rng(0))
    assert abs(relation) < 0.1
    assert p_value > 0.01
    own = np.eye(60, dtype=bool)
    profiles = [
        profile_correlation(unit(x) @ unit(x).T, unit(y) @ unit(y).T, own) for y in (other, noise)
    ]
    assert np.median(profiles[0]) > 0.5
    assert abs(np.median(profiles[1])) < 0.1


def test_too_few_rows_have_no_coherence() -> None:
    """Three rows say nothing."""
    assert np.isnan(coherence(*np.eye(3, dtype=np.float32)[None].repeat(2, 0), RNG)[0])
