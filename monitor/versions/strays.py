"""Rows of another encoder that are not what their ids say: another id's, or nobody's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64, Int64
from monitor.versions.canonical import Canonical, Whitening, canonical, held_out, whitening
from monitor.versions.identity import Bools
from monitor.versions.matching import Matches
from monitor.versions.mixture import coherence
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs
from monitor.versions.relations import panel_of

_FIT_ROWS = 4000
_FEWEST_FITTED = 100
_MOST_SEARCHED = 2000
_FEWEST, _LEAST = 5, 0.003
_BEYOND_CHANCE = 1.25


@dataclass(frozen=True)
class _Levels:
    """Agreement of an item with itself (`middle`, robust `spread`), and the level `lost` that
    hardly any two unlike items reach on the other side of 0."""

    middle: float
    spread: float
    lost: float

    def low(self, own: Float64) -> Bools:
        """Whether each is lower than an encoder's own rows mostly are."""
        return np.asarray(own < max(self.lost, self.middle - 2 * self.spread))


@dataclass(frozen=True, eq=False)
class _Space:
    """Both versions in the space where they agree."""

    pairs: Pairs
    before: Whitening
    after: Whitening
    maps: Canonical

    def agreement(self, rows: npt.NDArray[np.intp]) -> Float64:
        """Of each of the pairs `rows` (m,) with itself."""
        return np.concatenate(
            [
                self.maps.agreement(
                    self.before.image(self.pairs.rows_a(block)),
                    self.after.image(self.pairs.rows_b(block)),
                )
                for block in self.pairs.blocks(rows)
            ]
        )

    def owners(
        self, rows: npt.NDArray[np.intp], among: npt.NDArray[np.intp]
    ) -> tuple[Int64, Float64]:
        """For each of the pairs `rows` (m,), which other one of `among` agrees most with what it
        holds now, and how well."""
        held = unit(self.after.image(self.pairs.rows_b(rows)) @ self.maps.right)
        owner, best = np.full(len(rows), -1, np.int64), np.full(len(rows), -1.0)
        for block in self.pairs.blocks(among):
            known = unit(self.before.image(self.pairs.rows_a(block)) @ self.maps.left)
            alike = held @ known.T
            alike[rows[:, None] == block] = -1
            most = alike.argmax(axis=1)
            value = alike[np.arange(len(rows)), most]
            owner = np.where(value > best, block[most], owner)
            best = np.maximum(best, value)
        return owner, best


def strays(
    pairs: Pairs, sound: npt.NDArray[np.intp], rng: np.random.Generator
) -> tuple[Matches, Int64]:
    """Rows, of `sound` pairs, of another encoder that agree with their item no more than strangers.

    Most of such rows agreeing with another of them: their ids are wrong, and the matches say
    whose they are. Else the matches are empty and the rows random. Agreement is the cosine of a
    row before and after in the canonical space of the others. Nothing is found where the encoders
    agree so little that their own rows reach down to strangers, nor in rows that know each other
    still: those are a third encoder's, see `groups`.
    """
    nobody = np.zeros(0, np.int64)
    none = Matches(nobody, nobody, nobody, 0)
    sample = sound[:: max(1, -(-len(sound) // _FIT_ROWS))]
    before, after = whitening(pairs.rows_a(sample)), whitening(pairs.rows_b(sample))
    x, y = before.image(pairs.rows_a(sample)), after.image(pairs.rows_b(sample))
    own, chance = held_out(x, y, np.ones(len(sample), bool))
    usual = ~_levels(own, chance).low(own)
    if usual.sum() < _FEWEST_FITTED:
        return none, nobody
    own, chance = held_out(x, y, usual)
    levels = _levels(own, chance)
    if not _credible(own, levels):
        return none, nobody
    usual = ~levels.low(own)
    space = _Space(pairs, before, after, canonical(x[usual], y[usual]))
    own = space.agreement(sound)
    matched, rows = _named(space, levels, sound, own)
    known = panel_of(rows)
    relation, p_value = coherence(pairs.rows_a(known), pairs.rows_b(known), rng)
    related = relation >= 0.05 and p_value <= 0.01
    if not len(matched.pairs) and (related or not _nobodys(own[np.isin(sound, rows)])):
        return none, nobody
    return matched, rows


def _nobodys(own: Float64) -> bool:
    """Whether rows that agree with their items as little as `own` (m,) may be random: half of
    those lie below 0, but hardly any of the lowest that an encoder's own rows reach. Of five to
    ten rows one in four must, less half a row."""
    return int((own < 0).sum()) >= (len(own) - 2) / 4


def _named(
    space: _Space, levels: _Levels, sound: npt.NDArray[np.intp], own: Float64
) -> tuple[Matches, Int64]:
    """The rows, and their owners where they have some."""
    low, lost = levels.low(own), own < levels.lost
    step = max(1, -(-int(low.sum()) // _MOST_SEARCHED))
    searched, now = sound[low][::step], own[low][::step]
    owner, best = space.owners(searched, sound[low])
    found = (best > now + levels.spread) & (best > (levels.middle + levels.lost) / 2)
    nobody = np.zeros(0, np.int64)
    # Not an encoder's own lowest rows, but those that are lost beyond doubt, decide.
    surely = now <= np.median(own[lost])
    if found[surely].mean() < 0.5:
        rows = np.asarray(sound[lost], np.int64)
        return Matches(nobody, nobody, nobody, 0), rows
    moved = np.asarray(searched[found], np.int64)
    rows = np.union1d(sound[lost], moved)
    return Matches(moved, owner[found], rows, len(searched)), rows


def _levels(own: Float64, chance: Float64) -> _Levels:
    middle = float(np.median(own))
    spread = 1.4826 * float(np.median(np.abs(own - middle)))
    return _Levels(middle, spread, -_BEYOND_CHANCE * float(np.quantile(chance, 0.01)))


def _credible(own: Float64, levels: _Levels) -> bool:
    """Whether there are rows apart from an encoder's own, and not just the lowest of these.

    Either own rows do not reach so low; or many of the low ones lie below 0, as half of the
    strangers do and hardly any of the own.
    """
    below = int((own < levels.lost).sum())
    if levels.middle < 1.25 * levels.lost or below < max(_FEWEST, _LEAST * len(own)):
        return False
    apart = levels.middle - 4 * levels.spread > levels.lost
    return apart or int((own < 0).sum()) >= below / 4
