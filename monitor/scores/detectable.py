"""The smallest change that would probably have been noticed."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any

POWER_Z = 0.8416
"""Normal quantile of 80 % power."""
SHARING = 4
"""How many tests share the level: the families are more, but several of them see one shift."""
TOPIC = 1.25
"""How much farther than a mean a topic's share must move, as angle 2√share: a topic is seldom one
cluster. By `benchmarks/detectable_shift.py`, on every second category of dishes."""


def detectable(n_reference: float, n_current: float, level: float, p: int = 64) -> dict[str, Any]:
    """mean_sd: shift along one direction, in its deviations, found 80 % of the time at `level`
    by a T² of `p` components; share_from, share_to: growth of a 2 % topic found likewise;
    text: both in words. `n_` are effectively independent rows.
    """
    if min(n_reference, n_current) < 2:
        return {
            "mean_sd": None,
            "share_from": None,
            "share_to": None,
            "text": "nothing: too few rows",
        }
    noise = math.sqrt(1 / n_reference + 1 / n_current)
    z = -NormalDist().inv_cdf(min(level / SHARING, 0.5)) + POWER_Z
    # T² of p components detects a noncentrality of about z √(2p) + z²/2.
    mean_sd = noise * math.sqrt(z * math.sqrt(2 * p) + z * z / 2)
    start = 0.02
    angle = 2 * math.asin(math.sqrt(start)) + TOPIC * mean_sd
    share = math.sin(min(angle, math.pi) / 2) ** 2
    shift = f"a shift of {mean_sd:.2g} sd along one direction (80 % of the time)"
    text = f"would notice a topic growing from {start:.0%} to {share:.1%} of rows, or {shift}"
    if angle >= math.pi:  # more rows than there are
        text = f"would notice no topic of {start:.0%} of rows that grows, only {shift}"
    return {"mean_sd": mean_sd, "share_from": start, "share_to": share, "text": text}
