"""From causes to a verdict: ok, warn, breaking or inconclusive."""

from __future__ import annotations

import math
from typing import Literal, cast, get_args

from monitor.errors import UsageError
from monitor.versions.findings import Cause, Expectation
from monitor.versions.measure import Measure

Word = Literal["ok", "warn", "breaking", "inconclusive"]

WORDS: tuple[Word, ...] = ("ok", "warn", "breaking")

_ROW_CAUSES = ("zero", "nan", "constant", "random", "ids shuffled", "duplicates", "mixed", "partly")
_MOVES = ("rotation", "translation", "padded dims", "truncated dims")
_LENGTHS = ("rescale", "normalisation")
_LEAST = {None: 0.77, "same-encoder": 0.9, "retrain": 0.5, "upgrade": 0.15}
_GOOD = {None: 0.9, "same-encoder": 0.99, "retrain": 0.77, "upgrade": 0.3}
_MANY = 0.01
_TOLD = 0.3


def expectation(name: str | None) -> Expectation | None:
    """`name` if it is an expectation. Raises UsageError naming the known ones.

    >>> expectation("retrain")
    'retrain'
    """
    known = get_args(Expectation)
    if name is not None and name not in known:
        raise UsageError(f"{name!r} is no expectation", f"use one of {', '.join(known)}")
    return cast(Expectation | None, name)


def verdict(causes: tuple[Cause, ...], kept: Measure, n: int, expect: Expectation | None) -> Word:
    """The verdict on n pairs of which the share `kept` of 10 nearest neighbours stays.

    It is the worst of these; causes below a confidence of .3 do not count.

    - Neighbours: ok from .9 on and breaking below .77; under `same-encoder` from .99 (or the
      noise floor, if that is lower) and below .9; under `retrain` from .77 and below .5; under
      `upgrade` from .3 and below .15.
    - Rows that are wrong (zero, NaN, constant or random vectors, wrong ids, duplicates, rows of
      another encoder): breaking from 1 % of the pairs on, else warn, whatever is expected.
      Rows of a new export that moved next to nothing: warn.
    - `collapsed` breaks; below a confidence of .9 it warns.
    - `rotation`, `translation`, dimensions cut or added: neighbours may be kept, but old and new
      vectors must not meet in one index. Warn; breaking under `same-encoder`; ok under
      `retrain` and `upgrade`, which replace the whole index.
    - `rescale`, `normalisation lost/gained`: warn, as inner products and distances changed.
      Ok under `retrain` and `upgrade`.
    - `new encoder`, `retrained`: at least warn without an expectation, breaking under
      `same-encoder`; else the neighbours decide.
    - `identical`: ok, but warn under `retrain` and `upgrade`: what was expected did not happen.
    - `noise/nondeterminism` and `quantised` leave it to the neighbours.
    """
    told = [cause for cause in causes if cause.confidence >= _TOLD]
    if not told and not math.isfinite(kept.value):
        return "inconclusive"
    levels = [severity(cause, kept, n, expect) for cause in told]
    return WORDS[max([_by_neighbours(kept, expect), *levels])]


def severity(cause: Cause, kept: Measure, n: int, expect: Expectation | None) -> int:
    """How bad one cause is by itself: 0 ok, 1 warn, 2 breaking."""
    name, replaced = cause.cause, expect in ("retrain", "upgrade")
    if name.startswith(_ROW_CAUSES):
        return 2 if cause.rows >= _MANY * n and not cause.mild else 1
    if name == "collapsed":
        return 2 if cause.confidence >= 0.9 else 1
    if name.startswith(_MOVES):
        return 0 if replaced else 2 if expect == "same-encoder" else 1
    if name.startswith(_LENGTHS):
        return 0 if replaced else 1
    if name in ("new encoder", "retrained"):
        own = 0 if replaced else 2 if expect == "same-encoder" else 1
        return max(own, _by_neighbours(kept, expect))
    if name == "identical":
        return 1 if replaced else 0
    return _by_neighbours(kept, expect)


def _by_neighbours(kept: Measure, expect: Expectation | None) -> int:
    good = _GOOD[expect]
    if expect == "same-encoder" and math.isfinite(kept.floor):
        good = min(good, kept.floor - 0.005)
    if not math.isfinite(kept.value) or kept.value >= good:
        return 0
    return 2 if kept.value < _LEAST[expect] else 1
