"""Words that are in more of the texts than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.labels import words
from monitor.scores.where import discoveries

LEAST = 3
"""Texts that a word must be in to be looked at."""


@dataclass(frozen=True)
class GrownTerm:
    """A word, and the shares of texts, 0..1, that it was in before and is in now."""

    word: str
    before: float
    now: float


def grown_terms(before: Sequence[str | None], now: Sequence[str | None]) -> list[GrownTerm]:
    """Words in more texts than chance gives, the most grown first, at 10 % false discoveries:
    Fisher's exact test of each word, Benjamini-Hochberg over all. Texts count as independent.

    >>> grown_terms(["tea", "soup"] * 20, ["tea", "pizza"] * 10)
    [GrownTerm(word='pizza', before=0.0, now=0.5)]
    """
    from scipy.stats import hypergeom

    old, new = (Counter(w for text in texts for w in words(text)) for texts in (before, now))
    known = sorted(word for word, count in new.items() if count >= LEAST)
    if not known or not before:
        return []
    held = np.array([[old[word], new[word]] for word in known])
    n, m = len(before), len(now)
    p_values = hypergeom.sf(held[:, 1] - 1, n + m, held.sum(axis=1), m)
    found = [
        GrownTerm(word, int(a) / n, int(b) / m)
        for word, (a, b), kept in zip(known, held, discoveries(p_values), strict=True)
        if kept
    ]
    return sorted(found, key=lambda term: (term.before - term.now, term.word))
