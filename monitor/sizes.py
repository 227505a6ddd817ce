"""How large a change is: from where on it matters, and in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

GATES = {"tv_clusters": 0.02, "mean_sd": 0.05, "auc": 0.55, "residual_ratio": 0.05}
"""A change is large enough to matter from here on: share of rows, part of the radius, AUC, and
change of the ratio from 1."""


def percent(share: float) -> str:
    """A share with one decimal."""
    return f"{share:.1%}"


def size_words(
    effect: Mapping[str, float | None], share: Callable[[float], str] = percent
) -> dict[str, str]:
    """Each measure of an effect that is past its gate, in words, the farthest past it first. The
    AUC, which says the least to most people, is told only where it is alone.

    effect: by the names of `GATES`; what is missing, None or NaN is passed over. share: how shares
    are written.

    >>> size_words({"tv_clusters": 0.063, "mean_sd": 0.02, "auc": 0.6})
    {'tv_clusters': '6.3% of rows moved to other topics'}
    >>> size_words({"tv_clusters": 0.0, "auc": 0.58})
    {'auc': 'a linear rule tells these rows from usual ones with AUC 0.58'}
    """
    none = {"tv_clusters": 0.0, "mean_sd": 0.0, "auc": 0.5, "residual_ratio": 1.0}
    known = {key: value for key, value in effect.items() if value is not None}
    one = none | {k: v for k, v in known.items() if k in none and math.isfinite(v)}
    farther = one["residual_ratio"] - 1
    side = "farther from" if farther > 0 else "closer to"
    past = {
        "tv_clusters": one["tv_clusters"] / GATES["tv_clusters"],
        "residual_ratio": abs(farther) / GATES["residual_ratio"],
        "mean_sd": one["mean_sd"] / GATES["mean_sd"],
        "auc": (one["auc"] - 0.5) / (GATES["auc"] - 0.5),
    }
    words = {
        "tv_clusters": f"{share(one['tv_clusters'])} of rows moved to other topics",
        "residual_ratio": f"rows lie {share(abs(farther))} {side} known topics",
        "mean_sd": f"the average vector moved by {one['mean_sd']:.2f} of the reference's radius",
        "auc": f"a linear rule tells these rows from usual ones with AUC {one['auc']:.2f}",
    }
    told = sorted((key for key in past if past[key] >= 1), key=lambda key: -past[key])
    plain = [key for key in told if key != "auc"]
    return {key: words[key] for key in plain or told}


def size_sentence(effect: Mapping[str, float | None]) -> str:
    """The two measures that are farthest past their gates, in words.

    >>> size_sentence({"auc": 0.51})
    'a small change, spread over all rows'
    """
    told = list(size_words(effect).values())
    return " and ".join(told[:2]) or "a small change, spread over all rows"
