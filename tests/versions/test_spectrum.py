"""Directions in use, against formulas and known shapes."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.versions.spectrum import spectrum

RNG = np.random.default_rng(0)


def test_sizes_follow_their_definitions() -> None:
    """RankMe from singular values, participation and rank from numpy's covariance."""
    x = (RNG.normal(size=(500, 12)) * np.arange(1, 13) + 2).astype(np.float32)
    singular = np.linalg.svd(x.astype(np.float64), compute_uv=False)
    p = singular / singular.sum()
    values = np.linalg.eigvalsh(np.cov(x.T.astype(np.float64)))[::-1]
    found = spectrum(x)
    assert found.rankme.value == pytest.approx(np.exp(-(p * np.log(p)).sum()), rel=1e-4)
    assert found.participation.value == pytest.approx(
        values.sum() ** 2 / (values**2).sum(), rel=1e-4
    )
    assert found.top1_share.value == pytest.approx(singular[0] ** 2 / (singular**2).sum(), rel=1e-4)
    held = np.cumsum(values) / values.sum()
    assert found.rank95.value == 1 + int(np.argmax(held >= 0.95))


def test_a_rotation_and_a_scale_change_nothing() -> None:
    """Sizes belong to the cloud, not to its coordinates."""
    x = (RNG.normal(size=(300, 10)) * np.arange(1, 11)).astype(np.float32)
    turn = np.linalg.qr(RNG.normal(size=(10, 10)))[0]
    other = spectrum((7e20 * x @ turn).astype(np.float32))
    for name in ("rankme", "participation", "top1_share"):
        assert getattr(other, name).value == pytest.approx(
            getattr(spectrum(x), name).value, rel=1e-4
        )


def test_a_collapsed_version_has_its_rank() -> None:
    """Four directions of 64, to the precision of float32."""
    x = RNG.normal(size=(500, 4)) @ np.linalg.qr(RNG.normal(size=(64, 64)))[0][:4]
    assert spectrum(x.astype(np.float32)).rankme.value == pytest.approx(4, abs=0.1)


def test_the_interval_covers_the_value_of_many_rows() -> None:
    """Of 60 samples of 400 rows nearly all intervals hold the size that 100,000 rows have."""
    shape = np.sqrt(np.array([8.0, 4, 2, 1, 0.5]))
    many = spectrum((RNG.normal(size=(100_000, 5)) * shape).astype(np.float32))
    some = [spectrum((RNG.normal(size=(400, 5)) * shape).astype(np.float32)) for _ in range(60)]
    for name in ("rankme", "participation", "top1_share"):
        truth = getattr(many, name).value
        held = [getattr(s, name).low <= truth <= getattr(s, name).high for s in some]
        assert np.mean(held) >= 0.85


def test_too_little_gives_nan() -> None:
    """One row, or only zeros."""
    for x in (np.ones((1, 3)), np.zeros((5, 3))):
        assert np.isnan(spectrum(x.astype(np.float32)).rankme.value)
