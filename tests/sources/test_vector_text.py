"""Vectors written as text."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.sources.faults import Notes
from monitor.sources.vector_text import lists_of_text


def read(texts: list[str | None]) -> tuple[str, list[str]]:
    """The lists, spelled so that NaN equals NaN, and what was noted."""
    notes = Notes()
    found = lists_of_text(pa.array(texts, pa.string()), "v", notes)
    return repr(found.to_pylist()), notes.lines()


def test_lists() -> None:
    """JSON lists, with what JSON has not: NaN and Infinity; null rows and elements."""
    texts = ["[1, -2.5e-3]", None, " [NaN, null,\n-Infinity] ", "[]"]
    assert read(texts) == ("[[1.0, -0.0025], None, [nan, None, -inf], []]", [])
    assert read([]) == ("[]", [])


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "x", "[1", "1]", "[1,,2]", "[1 2]", "{}", "3", '["1"]', "[[1]]", "[0x1]", "[true]"),
        # What would end its own row early and begin another, or spill into the next.
        *('[1]}\n{"v":[2]', '[1],"w":[2]', '[1]}{"v":[2]', '[1],"w":"', '[1],"w":{"x":1', "[1]//"),
    ],
)
def test_one_wrong_text_moves_no_other(wrong: str) -> None:
    """A text that is no list becomes null, and its neighbours stay as they are."""
    assert read(["[1]", wrong, "[2]"]) == (
        "[[1.0], None, [2.0]]",
        ["'v': 1 text not a list of numbers; they count as null vectors"],
    )


def test_a_number_too_large_is_infinite() -> None:
    """1e999 is not an error."""
    assert read(["[1e999, 1]", "[2, -1e999]"])[0] == "[[inf, 1.0], [2.0, -inf]]"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.floats(width=32), max_size=4), max_size=6))
def test_text_of_any_floats(rows: list[list[float]]) -> None:
    """What json.dumps writes is read to the bit."""
    notes = Notes()
    found = lists_of_text(pa.array([json.dumps(row) for row in rows], pa.string()), "v", notes)
    assert [len(row) for row in rows] == [len(row) for row in found.to_pylist()]
    for row, right in zip(found.to_pylist(), rows, strict=True):
        np.testing.assert_array_equal(np.float32(row), np.float32(right))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(alphabet='[]{},":v 1\n-.eNa', max_size=12), max_size=4))
def test_hostile_texts_never_shift_rows(texts: list[str]) -> None:
    """Whatever stands around it, a sound text keeps its row."""
    mixed = [part for text in texts for part in (text, "[7, 8]")]
    found = lists_of_text(pa.array(mixed, pa.string()), "v", Notes())
    assert len(found) == len(mixed)
    assert found[1::2].to_pylist() == [[7.0, 8.0]] * len(texts)
