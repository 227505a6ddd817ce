"""Dimensions that stopped varying: hardly a shift of anything, and a broken encoder for sure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from monitor.profiles import Profile

ROUNDING = 1e-9
"""What is left of a variance by rounding, relative to the reference's."""


def dead_dimensions(reference: Profile, current: Profile) -> npt.NDArray[np.intp]:
    """Indices of the dimensions that vary in the reference and hold one value in all current rows;
    none where a side has fewer than two rows.

    Of sparse vectors a dimension may hold one value by chance: this says how large a change is
    that a test has shown, and is no test.
    """
    if min(reference.n, current.n) < 2:
        return np.empty(0, np.intp)
    before, now = _variances(reference), _variances(current)
    return np.flatnonzero((before > ROUNDING * before.mean()) & (now <= ROUNDING * before))


def _variances(profile: Profile) -> npt.NDArray[np.float64]:
    total, squares = profile.moments.total / profile.n, profile.moments.squares / profile.n
    return np.asarray(squares - np.square(total))
