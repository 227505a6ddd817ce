"""Rules of other tools from stored sums, against the libraries that they are made of."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.decomposition import PCA

from monitor.basis import Basis
from monitor.profiles import Profile, merged, profile
from monitor.scores.others import RULES, Past, alarms, energy
from tests.rows import Floats, batch, topics

RNG = np.random.default_rng(8)
WINDOWS = [topics(400, RNG) for _ in range(12)]
CURRENT = {
    "the same": topics(400, RNG),
    "another mix": topics(400, RNG, weights=(1, 2, 2, 2, 3)),
    "wider": topics(400, RNG, spread=0.5),
    "moved": topics(400, RNG) + np.float32(0.3),
}


def profiled(basis: Basis, rows: Floats) -> Profile:
    """The profile of these rows."""
    return profile([batch(rows)], basis)


@pytest.fixture(scope="module")
def past(basis: Basis) -> Past:
    """Twelve windows."""
    found = [profiled(basis, rows) for rows in WINDOWS]
    return Past(merged(found), np.array([energy(one) for one in found]))


def coordinates(basis: Basis, rows: Floats) -> Floats:
    """Leading coordinates (n, p)."""
    leading = basis.components[:, : len(basis.component_grid()[1])]
    return np.asarray((rows.astype(np.float64) - basis.x0) @ leading.astype(np.float64))


@pytest.mark.parametrize("name", CURRENT)
def test_distances_of_components(basis: Basis, past: Past, name: str) -> None:
    """Kolmogorov-Smirnov by scipy with Bonferroni, and the share of W1 past .1 deviations."""
    a, b = coordinates(basis, np.vstack(WINDOWS)), coordinates(basis, CURRENT[name])
    pairs = list(zip(a.T, b.T, strict=True))
    smallest = min(ks_2samp(x, y, method="asymp").pvalue for x, y in pairs)
    far = np.mean([wasserstein_distance(x, y) / x.std() > 0.1 for x, y in pairs])
    found = alarms(basis, past, profiled(basis, CURRENT[name]))
    assert found["alibi_detect_ks"] == (smallest * len(pairs) <= 0.05)
    assert found["evidently_ratio"] == (far > 0.2)


@pytest.mark.parametrize("name", CURRENT)
def test_distance_of_means_and_error_of_reconstruction(basis: Basis, past: Past, name: str) -> None:
    """By numpy, and by scikit-learn's principal components with 65 % of the variance."""
    whole = np.vstack(WINDOWS).astype(np.float64)
    known = PCA(0.65, svd_solver="full").fit(whole)

    def error(rows: Floats) -> float:
        shown = known.inverse_transform(known.transform(rows))
        return float(np.square(rows - shown).sum() / np.square(rows - whole.mean(axis=0)).sum())

    usual = np.array([error(rows) for rows in WINDOWS])
    off = abs(error(CURRENT[name]) - usual.mean()) > 3 * usual.std(ddof=1)
    means = np.linalg.norm(CURRENT[name].mean(axis=0) - whole.mean(axis=0))
    found = alarms(basis, past, profiled(basis, CURRENT[name]))
    assert found["evidently_distance"] == (means > 0.2)
    assert found["nannyml_reconstruction"] == off


def test_every_rule_has_an_answer(basis: Basis, past: Past) -> None:
    """Under its name."""
    assert list(alarms(basis, past, profiled(basis, CURRENT["the same"]))) == [
        rule.name for rule in RULES
    ]
