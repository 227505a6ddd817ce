"""Drift of real embeddings that nobody made: speeches of one decade against another."""

from __future__ import annotations

import pytest

from benchmarks.speeches import DECADES, decade, halves

N = 400
"""Rows of either side; benchmarks/speeches.py takes all."""


@pytest.mark.parametrize("first", DECADES)
def test_each_decade_is_told_apart_from_the_fifties(first: int) -> None:
    """At the smallest p-value there is, with an effect to be seen."""
    found = decade(first, N)
    assert found.test.p_value == 0.001
    assert found.drift


def test_halves_of_a_decade_are_not() -> None:
    """Of 20 pairs of random halves at most three are told apart at 5 % (more: a chance of 2 %)."""
    found = [halves(DECADES[seed % len(DECADES)], seed, N) for seed in range(20)]
    assert sum(pair.told_apart for pair in found) <= 3
    assert sum(pair.drift for pair in found) <= 3
