"""How big a change is, in words."""

from __future__ import annotations

import math
from collections.abc import Mapping


def size(effect: Mapping[str, float | None]) -> str | None:
    """What the measures of effect say to a person; None where none of them is known.

    effect: `tv_clusters`, `mean_sd`, `auc` and `residual_ratio`, as JSON has them.

    >>> size({"tv_clusters": 0.42, "residual_ratio": 1.3})
    '42.0% of rows moved to other clusters; rows lie 30% farther from known clusters'
    """
    known = {key: value for key, value in effect.items() if value is not None}
    found = [_WORDS[key](known[key]) for key in _WORDS if math.isfinite(known.get(key, math.nan))]
    return "; ".join(filter(None, found)) or None


def _farther(ratio: float) -> str:
    if abs(ratio - 1) < 0.01:
        return ""
    side = "farther from" if ratio > 1 else "closer to"
    return f"rows lie {abs(ratio - 1):.0%} {side} known clusters"


_WORDS = {
    "tv_clusters": lambda value: f"{value:.1%} of rows moved to other clusters",
    "mean_sd": lambda value: f"the average vector moved by {value:.2f} of the reference's radius",
    "auc": lambda value: (
        f"new rows can be told from usual ones with AUC {value:.2f} (0.5: not at all)"
    ),
    "residual_ratio": _farther,
}
