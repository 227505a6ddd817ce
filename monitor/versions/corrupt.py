"""Rows of one index that hold nothing of their item, and dimensions that hold nothing at all."""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from monitor.batch import Items
from monitor.stats.hashing import row_hashes
from monitor.versions import lattice
from monitor.versions.audited import Index
from monitor.versions.findings import Cause
from monitor.versions.identity import Bools
from monitor.versions.pairing import blocks, float32

_FEWEST = 5
_LEAST = 0.002
_UNIT = 0.002
_MINOR = 0.4
_CUT = 200
"""Texts that begin alike for so many characters may be cut to the same text by the encoder."""


class Facts:
    """What each row of an index shows by itself; arrays are (n,).

    norm: lengths, nan where not finite; finite; grid: codes of `lattice`; hash: equal rows hash
    alike; moving: (d,) whether a dimension varies over the sound rows.
    """

    def __init__(self, items: Items) -> None:
        n, d = items.vectors.shape
        self.norm, self.finite = np.full(n, np.nan), np.zeros(n, bool)
        self.grid, self.hash = np.zeros(n, np.uint8), np.zeros(n, np.uint64)
        low, high = np.full(d, np.inf, np.float32), np.full(d, -np.inf, np.float32)
        for block in blocks(np.arange(n), d):
            rows = float32(items.vectors[block])
            fine = np.isfinite(rows).all(axis=1)
            self.finite[block] = fine
            with np.errstate(over="ignore", invalid="ignore"):
                norms = np.linalg.norm(rows.astype(np.float64), axis=1)
            self.norm[block] = np.where(fine, norms, np.nan)
            self.grid[block], self.hash[block] = lattice.value_grids(rows), row_hashes(rows)
            sound = rows[fine & rows.any(axis=1)]
            low = np.minimum(low, sound.min(axis=0, initial=np.inf))
            high = np.maximum(high, sound.max(axis=0, initial=-np.inf))
        self.moving = high > low

    @property
    def sound(self) -> Bools:
        """Rows that are finite and not zero."""
        return self.finite & (self.norm > 0)


def corrupt(index: Index, facts: Facts) -> list[Cause]:
    """Findings about single rows and dimensions, in no order."""
    found = []
    lost, zero = ~facts.finite, facts.finite & (facts.norm == 0)
    for cause, flags, what in (
        ("zero fill", zero, "are all zeros: often a failed call of the encoder"),
        ("nan fill", lost, "are missing or hold NaN or infinite values"),
    ):
        if flags.any():
            text = f"{int(flags.sum()):,} of {len(flags):,} vectors {what}"
            found.append(index.named(cause, 0.99, [text], flags))
    return [*found, *_copies(index, facts), *_grids(index, facts), *_lengths(index, facts)]


def dead_dimensions(facts: Facts) -> list[Cause]:
    """Dimensions that are the same in all rows, if they are a hundredth of all.

    One is usual: MiniLM's encoders have one that hardly varies and float16 makes constant.
    """
    dead = np.flatnonzero(~facts.moving)
    d = len(facts.moving)
    if len(dead) < max(2, 0.01 * d) or not facts.sound.any():
        return []
    shown = ", ".join(str(i) for i in dead[:10]) + (", …" if len(dead) > 10 else "")
    tail = dead[0] + len(dead) == d
    evidence = [f"{len(dead):,} of {d:,} dimensions hold one value in all rows ({shown})"]
    if tail and len(dead) > 1:
        evidence.append("they are the last ones: vectors were padded, or are of a smaller encoder")
    return [Cause("dead dimensions", 0.99, tuple(evidence), int(facts.sound.sum()))]


def _copies(index: Index, facts: Facts) -> list[Cause]:
    """One vector for many items, and for two or a few whose texts differ."""
    sound = np.flatnonzero(facts.sound)
    _, group, count = np.unique(facts.hash[sound], return_inverse=True, return_counts=True)
    texts = _distinct(index, sound, group)
    many = max(_FEWEST, _LEAST * len(facts.norm))
    constant, doubled = np.zeros(len(facts.norm), bool), np.zeros(len(facts.norm), bool)
    constant[sound] = (texts if index.texts is not None else count)[group] >= many
    doubled[sound] = (texts[group] > 1) & ~constant[sound]
    found = []
    if constant.any():
        text = f"{int(constant.sum()):,} rows hold one vector that stands for many items"
        found.append(index.named("constant fill", 0.97, [text], constant))
    if doubled.sum() >= max(_FEWEST, _LEAST * len(doubled)) and index.texts is not None:
        shown = _example(index, np.flatnonzero(doubled), facts)
        text = f"{int(doubled.sum()):,} rows share their vector with a row of another text"
        found.append(index.named("duplicates", 0.9, [text, shown], doubled))
    return found


def _distinct(
    index: Index, rows: npt.NDArray[np.intp], group: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp]:
    """How many different texts each group of equal vectors has; 1 where there are none.

    Case, accents, spaces and punctuation do not count, nor what stands beyond 200 characters:
    encoders drop them.
    """
    texts = index.texts
    size = np.bincount(group)
    distinct = np.ones(len(size), np.intp)
    if texts is None:
        return distinct
    shared = np.flatnonzero(size[group] > 1)
    said: dict[int, set[str]] = {}
    for at in shared:
        text = texts[int(rows[at])].as_py()
        if text is not None:
            said.setdefault(int(group[at]), set()).add(_plain(str(text)))
    for which, different in said.items():
        distinct[which] = len(different)
    return distinct


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in spread if c.isalnum())[:_CUT]


def _example(index: Index, rows: npt.NDArray[np.intp], facts: Facts) -> str:
    first = int(rows[0])
    other = int(rows[1:][facts.hash[rows[1:]] == facts.hash[first]][0])
    ids = index.items.ids
    return f"for example {ids[first].as_py()} and {ids[other].as_py()}"


def _grids(index: Index, facts: Facts) -> list[Cause]:
    """A few rows whose values lie on another grid than the others': another writer."""
    sound = facts.sound
    codes = np.bincount(facts.grid[sound], minlength=6)
    if not sound.any():
        return []
    usual = int(codes.argmax())
    other = sound & (facts.grid != usual)
    if not max(_FEWEST, _LEAST * sound.sum()) <= other.sum() <= _MINOR * sound.sum():
        return []
    rest = {**lattice.NAMES, lattice.FREE: "no"}
    kinds = ", ".join(
        f"{n:,} on {'an' if rest[c][0] in 'ai' else 'a'} {rest[c]} grid"
        if c != lattice.FREE
        else f"{n:,} on none"
        for c, n in enumerate(codes)
        if n and c != usual
    )
    on = "none" if usual == lattice.FREE else f"the {rest[usual]} grid"
    evidence = [
        f"the values of most rows lie on {on}; of the others {kinds}",
        "another program or another setting wrote them",
    ]
    return [index.named("mixed precision", 0.9, evidence, other)]


def _lengths(index: Index, facts: Facts) -> list[Cause]:
    """Unit rows among others, or two lengths."""
    sound = facts.sound
    off = np.abs(np.where(sound, facts.norm, 0) - 1)
    unit = off < _UNIT
    # Of lengths that vary, some are near 1 by chance: as many as lie a little further off.
    chance = int(((off >= _UNIT) & (off < 5 * _UNIT)).sum())
    odd = (sound & ~unit) if unit.sum() > 0.5 * sound.sum() else unit
    if (
        unit.sum() < chance
        or not max(_FEWEST, _LEAST * sound.sum()) <= odd.sum() <= _MINOR * sound.sum()
    ):
        return []
    median = float(np.median(facts.norm[sound & ~unit]))
    evidence = [
        f"{int(unit.sum()):,} rows have length 1 and {int((sound & ~unit).sum()):,} have not "
        f"(median {median:.3g})"
    ]
    return [index.named("mixed lengths", 0.9, evidence, odd)]
