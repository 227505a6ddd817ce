"""One vector written again and again, which permuting whole entities cannot tell from one user."""

from __future__ import annotations

import math

import numpy as np

from monitor.profiles import Profile

LEAST = 0.02
CLEAR = 5.0
COUNTED = 4.0
"""Deviations of chance that are clear where every vector's rows are counted."""
FEWEST = 5
"""Rows that make a vector a repeated one: every vector is there once."""


def repeated_share(reference: Profile, current: Profile) -> float:
    """How much larger a share of the current rows than of the reference one vector makes up; 0
    where that is under 2 % or not clear beyond chance. Counted while the samples hold every row,
    else read off the buckets.
    """
    if not (reference.n and current.n):
        return 0.0
    if all(side.sample.rows() == side.n for side in (reference, current)):
        return _counted(reference, current)
    return _by_bucket(reference, current)


def _counted(reference: Profile, current: Profile) -> float:
    before, now = _rows_of_each(reference), _rows_of_each(current)
    most = 0.0
    for vector, rows in now.items():
        known = before.get(vector, 0)
        gained = rows / current.n - known / reference.n
        share = (rows + known) / (current.n + reference.n)
        noise = math.sqrt(share * (1 - share) * (1 / reference.n + 1 / current.n))
        if rows >= FEWEST and gained >= max(LEAST, COUNTED * noise):
            most = max(most, gained)
    return most


def _rows_of_each(profile: Profile) -> dict[int, int]:
    """How many rows hold each vector, by its hash."""
    kept = profile.sample.kept
    hashes, place = np.unique(kept["_content"].to_numpy(), return_inverse=True)
    rows = np.bincount(place, kept["_count"].to_numpy()).astype(int)
    return dict(zip(hashes.tolist(), rows.tolist(), strict=True))


def _by_bucket(reference: Profile, current: Profile) -> float:
    """How much larger a share of the current rows than of the reference lies in a single bucket,
    over what the other buckets moved; 0 where that is under 2 % or five deviations of chance.

    Where buckets are chosen by the content of rows, equal vectors share one, and few other things
    can fill it. It costs nothing to keep and needs no list of vectors. A vector as frequent on
    either side is in the same bucket of both, and cancels.
    """
    change = current.components.n / current.n - reference.components.n / reference.n
    gained = change - np.median(change)
    noise = math.sqrt((1 / reference.n + 1 / current.n) / len(change))
    # 1.4826: from the median deviation to the standard deviation of normal noise.
    deviation = max(noise, 1.4826 * float(np.median(np.abs(gained))))
    most = float(gained.max())
    return most if most >= LEAST and most >= CLEAR * deviation else 0.0
