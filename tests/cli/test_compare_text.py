"""A comparison in words."""

from __future__ import annotations

import pytest

from monitor.cli.compare_text import compare_text


@pytest.mark.parametrize(
    ("advice", "expected"),
    [
        ("safe to mix", "OK B can take the place of A"),
        ("re-index now", "OK B can take the place of A, once everything is re-indexed"),
    ],
)
def test_the_first_line_says_whether_vectors_may_meet(advice: str, expected: str) -> None:
    """A new encoder may be as good as the old one, and yet not share an index with it."""
    adapter = {"advice": advice, "why": ["new queries find 0% of it"], "fits": []}
    first = compare_text({"verdict": "ok", "adapter": adapter})[0]
    assert first.replace("\x1b[32m\x1b[1m", "").replace("\x1b[0m", "") == expected


def test_what_cannot_be_decided_says_why() -> None:
    """The reason stands below the counts, so that nobody has to ask for the JSON."""
    reason = "no id is in both versions (2 in a, 2 in b); give the right id column."
    answer = {
        "verdict": "inconclusive",
        "ids": {"both": 0, "only_a": 2, "only_b": 2},
        "summary": f"inconclusive: {reason}",
    }
    assert compare_text(answer)[1:] == [
        "Items: 0 in both, 2 only in A, 2 only in B",
        f"Why: {reason}",
    ]
