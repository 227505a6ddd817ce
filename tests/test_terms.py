"""Words that came up."""

from __future__ import annotations

import numpy as np

from monitor.terms import grown_terms

VOCABULARY = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(200)]


def texts(rng: np.random.Generator, n: int) -> list[str | None]:
    """Six words each, some far more common than others."""
    weights = 1 / np.arange(1, 201)
    return [" ".join(rng.choice(VOCABULARY, 6, p=weights / weights.sum())) for _ in range(n)]


def test_a_word_of_the_day_is_found_first() -> None:
    """In 8 % of 120 texts instead of 1 % of 2000."""
    rng = np.random.default_rng(0)
    before, now = texts(rng, 2000), texts(rng, 120)
    before[:20] = [f"{text} christmas" for text in before[:20]]
    now[:10] = [f"{text} christmas" for text in now[:10]]
    first = grown_terms(before, now)[0]
    assert (first.word, first.before, round(first.now, 3)) == ("christmas", 0.01, 0.083)


def test_alike_texts_have_hardly_any() -> None:
    """Of 40 days like the others at most eight name a word (10 % each; more has 4 in 1000)."""
    rng = np.random.default_rng(1)
    before = texts(rng, 2000)
    named = sum(bool(grown_terms(before, texts(rng, 150))) for _ in range(40))
    assert named <= 8


def test_nothing_to_compare() -> None:
    """No texts, or none before, name nothing."""
    assert grown_terms([], ["a word here"] * 9) == []
    assert grown_terms([None, None], [None] * 9) == []
