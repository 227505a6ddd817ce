"""Default rules of other tools, as far as the sums of a profile tell what they compute.

Each is a fixed threshold on one window against a reference. None of them is decided upon here: a
user sees what they would have said about the same history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from monitor.basis import Basis
from monitor.profiles import Profile
from monitor.scores.effect import effect, n_effective
from monitor.scores.familiar import component_distances, familiar
from monitor.scores.totals import Float64


@dataclass(frozen=True)
class OtherRule:
    """name: `TOOL_METHOD`; threshold: that its statistic alarms past; about: both in words."""

    name: str
    threshold: float
    about: str


RULES = (
    OtherRule("evidently_model", 0.55, "AUC of a linear classifier past .55"),
    OtherRule("evidently_mmd", 0.015, "MMD² past .015"),
    OtherRule(
        "evidently_ratio", 0.2, "W1 past .1 deviations in more than a fifth of the components"
    ),
    OtherRule("evidently_distance", 0.2, "Euclidean distance of the means past .2"),
    OtherRule(
        "alibi_detect_ks", -math.log(0.05), "Kolmogorov-Smirnov of any component at 5 %, Bonferroni"
    ),
    OtherRule(
        "nannyml_reconstruction", 3, "error of 65 % of variance past 3 deviations of windows"
    ),
    OtherRule("psi", 0.2, "population stability index of the topics past .2"),
)


@dataclass(frozen=True, eq=False)
class Past:
    """What windows are held against: whole: the sum of the reference's windows; energies (m, 1 +
    p): of each of these the energy, all of it and that of each leading component."""

    whole: Profile
    energies: Float64


def energy(profile: Profile) -> Float64:
    """Energy about the basis's origin, and of it that of each leading component (1 + p,)."""
    squares = profile.components.squares.sum(axis=0)
    return np.concatenate([[profile.moments.squares.sum()], squares])


def alarms(basis: Basis, past: Past, current: Profile) -> dict[str, bool]:
    """Which of `RULES` would have alarmed."""
    found = statistics(basis, past, current)
    return {rule.name: found[rule.name] > rule.threshold for rule in RULES}


def statistics(basis: Basis, past: Past, current: Profile) -> dict[str, float]:
    """What each of `RULES` holds against its threshold; of a test −log of its p-value."""
    reference = past.whole
    known = familiar(basis, reference, current)
    sizes = n_effective(basis, reference), n_effective(basis, current)
    ks, w1 = component_distances(basis, reference, current)
    p = _ks_p(float(ks.max()), reference.n, current.n) * len(ks)
    return {
        "evidently_model": float(effect(basis, reference, current, sizes).auc),
        "evidently_mmd": known["mmd2"],
        "evidently_ratio": float((w1 > 0.1).mean()),
        "evidently_distance": known["mean_l2"],
        "alibi_detect_ks": -math.log(max(p, 1e-300)),
        "nannyml_reconstruction": _error_off(past, energy(current)),
        "psi": known["psi"],
    }


def _error_off(past: Past, own: Float64) -> float:
    """How far what the components with 65 % of the variance leave of a window is from what they
    leave of the reference's windows, in deviations of these."""
    total = past.energies.sum(axis=0)
    held = int(np.searchsorted(np.cumsum(total[1:]) / total[0], 0.65)) + 1
    left = 1 - past.energies[:, 1 : held + 1].sum(axis=1) / past.energies[:, 0]
    off = 1 - own[1 : held + 1].sum() / own[0] - left.mean()
    return float(abs(off)) / max(float(left.std(ddof=1)), 1e-300)


def _ks_p(distance: float, n: int, m: int) -> float:
    """Asymptotic two-sided p-value of a Kolmogorov-Smirnov distance (Kolmogorov 1933).

    >>> round(_ks_p(1.3581 / math.sqrt(50), 100, 100), 3)
    0.05
    """
    from scipy.special import kolmogorov

    return float(kolmogorov(distance * math.sqrt(n * m / (n + m))))
