"""What became of the rows that left the frame: another id's, another encoder's, or nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Int64
from monitor.versions import lattice
from monitor.versions.faults import Faults
from monitor.versions.frames import Frame, Framed
from monitor.versions.identity import Bools, RowFacts
from monitor.versions.matching import Matches, matches
from monitor.versions.mixture import coherence
from monitor.versions.pairing import Pairs
from monitor.versions.relations import panel_of, profiles
from monitor.versions.strays import strays

_FEWEST_JUDGED = 8
_FEWEST_PARTED = 60
_MOSTLY = 0.5
_NEAR = 0.05


@dataclass(frozen=True, eq=False)
class Outliers:
    """Pairs outside the frame, by what became of them; each list is of pairs.

    matched: rows that hold another item's vector, with the owners; shuffled: those of them
    whose owner lost it; copied: those whose owner still has it; replaced: rows that kept
    their relations to each other, so another encoder's; random: rows that kept nothing; coarse:
    rows that are only coarsely rounded. relation, p_value: the coherence of the rows that are
    not matched, see `mixture.coherence`.
    """

    matched: Matches
    shuffled: Int64
    copied: Int64
    replaced: Int64
    random: Int64
    coarse: Int64
    relation: float
    p_value: float


def outliers(
    pairs: Pairs, facts: RowFacts, bad: Faults, found: Framed, rng: np.random.Generator
) -> Outliers:
    """What became of the sound pairs outside the frame of `found`, or of odd ones without one."""
    sound = np.flatnonzero(facts.usable & ~bad.any)
    if found.exact:
        return _left(pairs, facts, found, sound, rng)
    none = np.zeros(0, np.int64)
    matched, nan = _moved(pairs, facts, sound), math.nan
    if len(matched.pairs):
        return Outliers(matched, matched.pairs, none, none, none, none, nan, nan)
    matched, odd = strays(pairs, sound, rng)
    shuffled, random = (odd, none) if len(matched.pairs) else (none, odd)
    return Outliers(matched, shuffled, none, none, random, none, nan, nan)


def _left(
    pairs: Pairs,
    facts: RowFacts,
    found: Framed,
    sound: npt.NDArray[np.intp],
    rng: np.random.Generator,
) -> Outliers:
    """What became of the pairs that left the frame."""
    outside = sound[found.split.outside]
    near = max(_NEAR, 3 * found.split.bulk)
    matched = matches(pairs, facts, found.frame, outside, near)
    kept = np.zeros(len(pairs), bool)
    kept[sound] = True
    kept[outside] = False
    kept[matched.pairs] = False
    held = kept[matched.owners]
    rest = np.setdiff1d(outside, matched.pairs)
    if matched.stands_for_all:
        rest = rest[:0]
    rough = facts.rounded[rest] & (facts.grid_b[rest] == lattice.BINARY)
    coarse, rest = rest[rough], rest[~rough]
    relation, p_value, random = _unrelated(pairs, rest, rng)
    return Outliers(
        matched=matched,
        shuffled=np.asarray(matched.pairs[~held], np.int64),
        copied=np.asarray(matched.pairs[held], np.int64),
        replaced=np.asarray(rest[~random], np.int64),
        random=np.asarray(rest[random], np.int64),
        coarse=np.asarray(coarse, np.int64),
        relation=relation,
        p_value=p_value,
    )


def _moved(pairs: Pairs, facts: RowFacts, sound: npt.NDArray[np.intp]) -> Matches:
    """Pairs that hold another's vector where no frame fits, if those are most; else none."""
    frame = Frame("same", 1.0, width=facts.width)
    probe = matches(pairs, facts, frame, sound[:: max(1, len(sound) // 300)], _NEAR)
    return matches(pairs, facts, frame, sound if probe.share >= _MOSTLY else sound[:0], _NEAR)


def _unrelated(
    pairs: Pairs, rest: npt.NDArray[np.intp], rng: np.random.Generator
) -> tuple[float, float, Bools]:
    """Coherence of the rows `rest` (m,), its p, and which of them kept no relation at all."""
    none = np.zeros(len(rest), bool)
    if len(rest) < _FEWEST_JUDGED:
        return math.nan, math.nan, none
    panel = panel_of(rest)
    relation, p_value = coherence(pairs.rows_a(panel), pairs.rows_b(panel), rng)
    if p_value > 0.01 or relation < 0.05:
        return relation, p_value, ~none
    if len(rest) < _FEWEST_PARTED:
        return relation, p_value, none
    profile = profiles(pairs, rest, panel)
    # Random rows' profiles lie about 0, half of them below; related rows have few such.
    if (profile < 0).sum() < max(3, 0.02 * len(rest)):
        return relation, p_value, none
    return relation, p_value, profile < 2.5 / math.sqrt(len(panel))
