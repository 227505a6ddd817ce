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
    """name: `TOOL_METHOD`; about: what it computes, and when it alarms."""

    name: str
    about: str


RULES = (
    OtherRule("evidently_model", "AUC of a linear classifier past .55"),
    OtherRule("evidently_mmd", "MMD² past .015"),
    OtherRule("evidently_ratio", "W1 past .1 deviations in more than a fifth of the components"),
    OtherRule("evidently_distance", "Euclidean distance of the means past .2"),
    OtherRule("alibi_detect_ks", "Kolmogorov-Smirnov of any component at 5 %, Bonferroni"),
    OtherRule("nannyml_reconstruction", "error of 65 % of variance past 3 deviations of windows"),
    OtherRule("psi", "population stability index of the topics past .2"),
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
    reference = past.whole
    known = familiar(basis, reference, current)
    sizes = n_effective(basis, reference), n_effective(basis, current)
    auc = effect(basis, reference, current, sizes).auc
    ks, w1 = component_distances(basis, reference, current)
    found = {
        "evidently_model": auc > 0.55,
        "evidently_mmd": known["mmd2"] > 0.015,
        "evidently_ratio": float((w1 > 0.1).mean()) > 0.2,
        "evidently_distance": known["mean_l2"] > 0.2,
        "alibi_detect_ks": _ks_p(float(ks.max()), reference.n, current.n) * len(ks) <= 0.05,
        "nannyml_reconstruction": _beyond_errors(past, energy(current)),
        "psi": known["psi"] > 0.2,
    }
    return {name: bool(alarm) for name, alarm in found.items()}


def _beyond_errors(past: Past, own: Float64) -> bool:
    """Whether what the components with 65 % of the variance leave of a window is past three
    deviations of what they leave of the reference's windows."""
    total = past.energies.sum(axis=0)
    held = int(np.searchsorted(np.cumsum(total[1:]) / total[0], 0.65)) + 1
    left = 1 - past.energies[:, 1 : held + 1].sum(axis=1) / past.energies[:, 0]
    off = 1 - own[1 : held + 1].sum() / own[0] - left.mean()
    return bool(abs(off) > 3 * left.std(ddof=1))


def _ks_p(distance: float, n: int, m: int) -> float:
    """Asymptotic two-sided p-value of a Kolmogorov-Smirnov distance (Kolmogorov 1933).

    >>> round(_ks_p(1.3581 / math.sqrt(50), 100, 100), 3)
    0.05
    """
    from scipy.special import kolmogorov

    return float(kolmogorov(distance * math.sqrt(n * m / (n + m))))
