"""Hostile and odd columns as clean strings."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from monitor.sources.faults import Notes, counted, printable
from monitor.sources.texts import clean_text, is_single, is_text

NASTY = [
    b"plain",
    b"\xff\xfebad",
    b"\xed\xa0\x80 half a pair",
    b"nul\x00 esc\x1b[2J",
    "rtl \u202e \ufffd".encode(),
    None,
    b"",
]
CLEAN = [
    "plain",
    "\ufffd\ufffdbad",
    "\ufffd\ufffd\ufffd half a pair",
    "nul\x00 esc\x1b[2J",
    "rtl \u202e \ufffd",
    None,
    "",
]


def unchecked(kind: pa.DataType) -> pa.Array:
    """NASTY as a column of this type, as a careless writer leaves it."""
    options = pc.CastOptions(target_type=kind, allow_invalid_utf8=True)
    return pc.cast(pa.array(NASTY, pa.binary()), options=options)


@pytest.mark.parametrize(
    "kind",
    [
        *(pa.string(), pa.large_string(), pa.string_view()),
        *(pa.binary(), pa.large_binary(), pa.binary_view()),
    ],
    ids=str,
)
def test_bad_bytes_are_replaced_and_counted(kind: pa.DataType) -> None:
    """Bytes that are no UTF-8 become U+FFFD; control characters stay; nulls stay null."""
    notes = Notes()
    found = clean_text(unchecked(kind), "t", notes)
    assert found.type == pa.string()
    assert found.to_pylist() == CLEAN
    assert notes.lines() == ["'t': 2 values not valid UTF-8; bytes were replaced by U+FFFD"]


def test_dictionaries_are_counted_by_row() -> None:
    """A bad value of a dictionary counts for each row that has it."""
    notes = Notes()
    rows = pa.array([1, 1, None, 0, 5, 2], pa.int32())
    found = clean_text(pa.DictionaryArray.from_arrays(rows, unchecked(pa.string())), "t", notes)
    assert found.to_pylist() == [CLEAN[1], CLEAN[1], None, "plain", None, CLEAN[2]]
    assert notes.lines() == ["'t': 3 values not valid UTF-8; bytes were replaced by U+FFFD"]


def test_long_texts_are_cut_and_counted() -> None:
    """10,000 characters are kept, however many bytes they take."""
    notes = Notes()
    texts = ["ä" * 10_000, "ä" * 10_001, "🜁" * 50_000, "x" * 9_999 + "🜁🜁"]
    found = clean_text(pa.array(texts), "t", notes)
    assert found.to_pylist() == [text[:10_000] for text in texts]
    assert notes.lines() == ["'t': 3 values longer than 10,000 characters and cut"]


def test_a_long_text_in_every_row_is_held_once() -> None:
    """A dictionary's long value is cut before it is spread over the rows."""
    huge = pa.DictionaryArray.from_arrays(
        pa.array(np.zeros(8192, np.int32)), pa.array(["x" * 50_000_000])
    )
    before = pa.total_allocated_bytes()
    found = clean_text(huge, "t", Notes())
    assert pa.total_allocated_bytes() - before < 200_000_000
    assert (len(found), len(found[8191].as_py())) == (8192, 10_000)


@pytest.mark.parametrize(
    ("array", "texts"),
    [
        (pa.array([7, None], pa.int64()), ["7", None]),
        (pa.array([17.0, 0.5]), ["17", "0.5"]),
        (pa.array([True]), ["true"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([b"\x01\xff", None], pa.binary(2)), ["01ff", None]),
        (pa.array([uuid.UUID(int=5).bytes, None], pa.uuid()), [str(uuid.UUID(int=5)), None]),
        (pa.array([1, None, 1]).dictionary_encode(), ["1", None, "1"]),
        (pa.nulls(1), [None]),
        (
            pa.array([datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))]),
            ["2025-12-31 23:00:00.000000Z"],
        ),
    ],
    ids=lambda x: str(getattr(x, "type", "")),
)
def test_ids_of_other_types(array: pa.Array, texts: list[str | None]) -> None:
    """Numbers, bytes, UUIDs and times are spelled."""
    assert clean_text(array, "id", Notes()).to_pylist() == texts


def test_what_is_text_and_what_a_single_value() -> None:
    """Dictionaries are what their values are; lists and structs are not single."""
    assert is_text(pa.dictionary(pa.int8(), pa.large_string()))
    assert not is_text(pa.dictionary(pa.int8(), pa.int64()))
    singles = [pa.int8(), pa.uuid(), pa.dictionary(pa.int8(), pa.string()), pa.date32()]
    assert all(is_single(kind) for kind in singles)
    nested = [pa.list_(pa.int8()), pa.struct([]), pa.fixed_shape_tensor(pa.int8(), [2])]
    nested += [pa.run_end_encoded(pa.int32(), pa.int8()), pa.map_(pa.int8(), pa.int8())]
    assert not any(is_single(kind) for kind in nested)


def test_names_are_printed_without_effect() -> None:
    """Escapes and bidi marks in names are shown, not sent."""
    assert printable("a\x1b[31m\u202e\udcff\n") == "a\\x1b[31m\\u202e\\udcff\\n"
    assert printable("x" * 400) == "x" * 300 + "…"
    assert [counted(n, "row") for n in (0, 1, 1000)] == ["0 rows", "1 row", "1,000 rows"]
