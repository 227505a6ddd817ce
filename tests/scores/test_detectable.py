"""The smallest change that would probably be noticed."""

from __future__ import annotations

import pytest

from monitor.scores.detectable import detectable


def test_more_rows_notice_less() -> None:
    """Both shift and share shrink with the rows, and a stricter level asks for more."""
    few, many = detectable(1000, 200, 0.05), detectable(100_000, 20_000, 0.05)
    assert many["mean_sd"] < few["mean_sd"]
    assert many["share_from"] == few["share_from"] < many["share_to"] < few["share_to"] < 1
    strict = detectable(1000, 200, 0.001)
    assert strict["mean_sd"] > few["mean_sd"]
    assert strict["share_to"] > few["share_to"]


def test_its_sentence() -> None:
    """Whole, so that a person can act on it."""
    found = detectable(10_000, 1000, 0.001)
    assert found["text"] == (
        f"would notice a topic growing from 2% to {found['share_to']:.1%} of rows, "
        f"or a shift of {found['mean_sd']:.2g} sd along one direction (80 % of the time)"
    )


def test_its_sentence_where_no_growth_would_do() -> None:
    """Not even all rows in one topic: no share is promised."""
    assert detectable(498, 8, 0.001)["text"] == (
        "would notice no topic of 2% of rows that grows, only a shift of 2.7 sd along one "
        "direction (80 % of the time)"
    )


@pytest.mark.parametrize("sizes", [(0, 100), (100, 0), (1, 1)])
def test_too_few_rows(sizes: tuple[int, int]) -> None:
    """Nothing would be noticed, and no number pretends otherwise."""
    assert detectable(*sizes, 0.05) == {
        "mean_sd": None,
        "share_from": None,
        "share_to": None,
        "text": "nothing: too few rows",
    }
