"""How rows stand to all others, before and after: what any encoder of the same items keeps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from monitor.model import Float32, Float64, Int64
from monitor.versions.matching import Matches
from monitor.versions.mixture import profile_correlation
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs

PANEL = 400
"""Rows that stand for all others."""

_FENCE = 4.0
_USUAL = 3.0
_LEAST = 0.003
_MOST_SEARCHED = 2000


def panel_of(rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """At most 400 of the rows, evenly spaced."""
    return rows[:: max(1, -(-len(rows) // PANEL))]


def profiles(pairs: Pairs, rows: npt.NDArray[np.intp], panel: npt.NDArray[np.intp]) -> Float64:
    """For each of `rows` (m,), the correlation of its cosines to the panel before and after."""
    panel_a, panel_b = unit(pairs.rows_a(panel)), unit(pairs.rows_b(panel))
    parts = []
    for block in pairs.blocks(rows):
        own = block[:, None] == panel
        before, after = unit(pairs.rows_a(block)) @ panel_a.T, unit(pairs.rows_b(block)) @ panel_b.T
        parts.append(profile_correlation(before, after, own))
    return np.concatenate(parts)


def strays(pairs: Pairs, sound: npt.NDArray[np.intp]) -> tuple[Matches, Int64]:
    """Rows of another encoder that do not stand to the others as their items did.

    There are some if profiles lie about 0; then it is those whose profile lies four robust
    standard deviations below the median. If most of them stand as another such row's item did,
    their ids are wrong: the matches. Else they are random: the second list. Encoders that agree
    little have so wide a spread that nothing is found.
    """
    panel = panel_of(sound)
    own = profiles(pairs, sound, panel)
    middle = float(np.median(own))
    spread = 1.4826 * float(np.median(np.abs(own - middle)))
    odd = sound[own < middle - _FENCE * spread]
    nobody = np.zeros(0, np.int64)
    # Of rows without any relation half lie below this; of an encoder's own rows hardly any do.
    lost = int((own < 2 / np.sqrt(len(panel))).sum())
    if middle <= _FENCE * spread or lost < max(5, _LEAST * len(sound)):
        return Matches(nobody, nobody, nobody, 0), nobody
    searched = odd[:: max(1, -(-len(odd) // _MOST_SEARCHED))]
    owner = _owners(pairs, searched, np.setdiff1d(panel, odd), middle - _USUAL * spread)
    found = owner >= 0
    if found.mean() < 0.5:
        return Matches(nobody, nobody, nobody, 0), np.asarray(odd, np.int64)
    return Matches(searched[found], owner[found], np.asarray(odd, np.int64), len(searched)), nobody


def _owners(
    pairs: Pairs, odd: npt.NDArray[np.intp], panel: npt.NDArray[np.intp], least: float
) -> Int64:
    """For each of `odd` (m,), the one of them whose profile before is most like its own now,
    −1 where none is at least that much."""
    before = _standard(unit(pairs.rows_a(odd)) @ unit(pairs.rows_a(panel)).T)
    after = _standard(unit(pairs.rows_b(odd)) @ unit(pairs.rows_b(panel)).T)
    alike = after @ before.T
    np.fill_diagonal(alike, -1)
    best = alike.argmax(axis=1)
    return np.where(alike[np.arange(len(odd)), best] >= least, odd[best], -1)


def _standard(cosines: Float32) -> Float32:
    """Profiles (m, p) with the mean of each column and row removed, at unit length."""
    centred = cosines - cosines.mean(axis=0)
    return unit(centred - centred.mean(axis=1, keepdims=True))
