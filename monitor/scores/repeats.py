"""One vector written again and again, which permuting whole entities cannot tell from one user."""

from __future__ import annotations

import math

import numpy as np

from monitor.profiles import Profile

LEAST = 0.02
CLEAR = 5.0


def repeated_share(reference: Profile, current: Profile) -> float:
    """How much larger a share of the current rows than of the reference lies in a single bucket,
    over what the other buckets moved; 0 where that is under 2 % or five deviations of chance.

    Where buckets are chosen by the content of rows, equal vectors share one, and few other things
    can fill it. It costs nothing to keep and needs no list of vectors. A vector as frequent on
    either side is in the same bucket of both, and cancels.
    """
    if not (reference.n and current.n):
        return 0.0
    change = current.components.n / current.n - reference.components.n / reference.n
    gained = change - np.median(change)
    noise = math.sqrt((1 / reference.n + 1 / current.n) / len(change))
    # 1.4826: from the median deviation to the standard deviation of normal noise.
    deviation = max(noise, 1.4826 * float(np.median(np.abs(gained))))
    most = float(gained.max())
    return most if most >= LEAST and most >= CLEAR * deviation else 0.0
