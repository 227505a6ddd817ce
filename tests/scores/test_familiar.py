"""Numbers that other tools report, against the libraries that define them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cosine, jensenshannon
from scipy.stats import ks_2samp, wasserstein_distance

from monitor.basis import Basis
from monitor.fitting import fitted
from monitor.profiles import profile
from monitor.scores.familiar import familiar, jensen_shannon, psi
from tests.rows import Floats, batch, topics

RNG = np.random.default_rng(21)
A, B = topics(700, RNG), topics(900, RNG, weights=(1, 2, 2, 2, 3)) * np.float32(1.1)


@pytest.fixture(scope="module")
def found(basis: Basis) -> dict[str, float]:
    """All numbers of B against A."""
    sides = [profile([batch(rows)], basis) for rows in (A, B)]
    return familiar(basis, *sides)


def coordinates(basis: Basis, rows: Floats) -> Floats:
    """Coordinates (n, r) in float64."""
    return np.asarray((rows.astype(np.float64) - basis.x0) @ basis.components.astype(np.float64))


def test_mmd_is_the_u_statistic_over_pairs(basis: Basis, found: dict[str, float]) -> None:
    """Within-pairs without the diagonal, less twice the cross pairs, of the same features."""
    phi = []
    for rows in (A, B):
        angles = coordinates(basis, rows) @ basis.frequencies
        half = math.sqrt(basis.frequencies.shape[1])
        phi.append(np.hstack([np.cos(angles), np.sin(angles)]) / half)
    n, m = len(A), len(B)
    aa, bb, ab = phi[0] @ phi[0].T, phi[1] @ phi[1].T, phi[0] @ phi[1].T
    expected = (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1))
    assert found["mmd2"] == pytest.approx(expected - 2 * ab.mean(), abs=1e-6)


def test_mmd_of_a_published_pair() -> None:
    """Frouros' test of a Gaussian kernel of width 1 has .10163633: from random features of that
    kernel alone it comes out within their error, which falls with the root of their number."""
    sides = []
    for mean, covariance in ((1.0, 2 * np.eye(2)), (0.0, 3 * np.eye(2) - 1)):
        drawn = np.random.RandomState(31).multivariate_normal(np.full(2, mean), covariance, 100)
        sides.append(drawn)
    known, n = fitted(np.vstack(sides).astype(np.float32)), 20_000
    frequencies = np.random.default_rng(0).normal(size=(2, n)).astype(np.float32)
    width1 = replace(known, frequencies=frequencies)
    found = familiar(width1, *(profile([batch(rows)], width1) for rows in sides))
    assert found["mmd2"] == pytest.approx(0.10163633, abs=4 / math.sqrt(n) * 0.1)


def test_mmd_is_unbiased(basis: Basis) -> None:
    """Over 60 pairs without a difference it is zero on average, and often negative."""
    values = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        sides = [profile([batch(topics(100, rng))], basis, sample=0) for _ in range(2)]
        values.append(familiar(basis, *sides)["mmd2"])
    assert abs(np.mean(values)) < 2.5 * np.std(values) / math.sqrt(60)
    assert min(values) < 0 < max(values)


def test_frechet_distance(basis: Basis, found: dict[str, float]) -> None:
    """The formula with scipy's matrix square root, less what noise adds to the means."""
    a, b = coordinates(basis, A), coordinates(basis, B)
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    shift = b.mean(axis=0) - a.mean(axis=0)
    noise = np.trace(ca) / len(a) + np.trace(cb) / len(b)
    expected = shift @ shift - noise + np.trace(ca + cb - 2 * np.real(sqrtm(ca @ cb)))
    assert found["frechet"] == pytest.approx(expected, rel=1e-4)


def test_distances_of_the_means(found: dict[str, float]) -> None:
    """Cosine and Euclidean."""
    a, b = A.astype(np.float64).mean(axis=0), B.astype(np.float64).mean(axis=0)
    assert found["mean_cosine"] == pytest.approx(cosine(a, b), abs=1e-6)
    assert found["mean_l2"] == pytest.approx(np.linalg.norm(a - b), rel=1e-5)


def test_kolmogorov_smirnov_and_wasserstein_of_components(
    basis: Basis, found: dict[str, float]
) -> None:
    """On the grid's bins exactly as scipy, and close to scipy on the raw values."""
    a, b = (coordinates(basis, rows) / basis.deviations for rows in (A, B))
    width = 12 / 64

    def binned(values: Floats) -> Floats:
        return np.clip(np.floor((values + 6) / width), 0, 63) * width

    ks = [ks_2samp(binned(a[:, j]), binned(b[:, j])).statistic for j in range(a.shape[1])]
    w1 = [wasserstein_distance(binned(a[:, j]), binned(b[:, j])) for j in range(a.shape[1])]
    assert found["ks"] == pytest.approx(max(ks), abs=2 / 700)
    assert found["w1"] == pytest.approx(max(w1), abs=2e-3)
    assert found["sliced_w1"] == pytest.approx(np.mean(w1 * basis.deviations), abs=1e-3)
    raw = [wasserstein_distance(a[:, j], b[:, j]) for j in range(a.shape[1])]
    assert found["w1"] == pytest.approx(max(raw), abs=0.03)


def test_pca_residual(basis: Basis) -> None:
    """The share of energy outside the subspace; none is where the basis has full rank."""
    sides = [profile([batch(rows)], basis) for rows in (A, B)]
    assert familiar(basis, *sides)["pca_residual"] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_jensen_shannon_is_scipys(seed: int) -> None:
    """The distance to base 2, empty cells included."""
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.full(12, 0.3), 2)
    p[3] = q[4] = 0
    p, q = p / p.sum(), q / q.sum()
    assert jensen_shannon(p, q) == pytest.approx(jensenshannon(p, q, base=2), abs=1e-12)
    assert jensen_shannon(p, p) == 0


def test_population_stability_index() -> None:
    """The sum over cells, with half a row in each so that empty ones stay finite."""
    p, q = np.array([100.0, 0.0, 900.0]), np.array([50.0, 50.0, 400.0])
    a, b = (p + 0.5) / 1001.5, (q + 0.5) / 501.5
    assert psi(p, q) == pytest.approx(((b - a) * np.log(b / a)).sum())
    assert psi(p, p) == 0
    assert math.isfinite(psi(np.zeros(3), p))


def test_too_few_rows_are_nan(basis: Basis, found: dict[str, float]) -> None:
    """Every number, by the same names."""
    some = profile([batch(A)], basis)
    one = profile([batch(A[:1])], basis)
    for sides in ((some, one), (one, some)):
        answer = familiar(basis, *sides)
        assert answer.keys() == found.keys()
        assert all(math.isnan(value) for value in answer.values())
