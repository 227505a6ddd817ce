"""Vectors written as text: `[0.1, -2.5e-3, NaN]`, one JSON list a row, or as bytes of float32,
which may be spelled in base64."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.sources.faults import Notes
from monitor.sources.texts import plain

KIND = pa.list_(pa.float64())
_SMALL, _LARGEST = 1e-6, 1e6

# A whole list of numbers, spelled without any character that could end it early.
_NUMBERS = r"^\s*\[[-+0-9.eE,\sNaInfity ul]*\]\s*$"


def lists_of_text(array: pa.Array, column: str, notes: Notes) -> pa.Array:
    """`array` of texts as list<double>; what is not a list of numbers is null and noted.

    `null`, `NaN` and `Infinity` may stand for elements of JSON. Where a text is no JSON, it is the
    base64 of float32 in little-endian order, and bytes may be these themselves.
    """
    array = plain(array)
    raw = not _is_spelled(array.type)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    texts = array.cast(pa.large_binary())
    found = _parsed(texts)
    written = texts.is_valid().to_numpy(zero_copy_only=False)
    lost = written & found.is_null().to_numpy(zero_copy_only=False)
    if lost.any():
        found = _with_floats(found, texts, lost, raw)
        lost = written & found.is_null().to_numpy(zero_copy_only=False)
    notes.add(column, lost.sum(), "text", "not a list of numbers; they count as null vectors")
    return found


def _parsed(texts: pa.Array) -> pa.Array:
    found = _at_once(texts)
    if found is None:
        sound = pc.fill_null(pc.match_substring_regex(texts, _NUMBERS), False)
        texts = pc.if_else(sound, texts, b"null")
        found = _at_once(texts)
    if found is None:  # one by one, to lose only those that are wrong
        found = pa.array([_one(text) for text in texts.to_pylist()], KIND)
    return found


def _at_once(texts: pa.Array) -> pa.Array | None:
    """All texts by Arrow's parser, one object each; None where one of them is wrong.

    A text cannot spill into the next row: after its closing brace, JSON allows no opening one,
    so each gives at least one object or an error, and their number tells that none gave two.
    """
    from pyarrow import json as arrow_json

    if not len(texts):
        return pa.array([], KIND)
    content = b'{"v":' + b'}\n{"v":'.join(pc.fill_null(texts, b"null").to_pylist()) + b"}\n"
    schema = pa.schema([("v", KIND)])
    strict = arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error")
    whole = arrow_json.ReadOptions(use_threads=False, block_size=len(content) + 1)
    try:
        found = arrow_json.read_json(pa.BufferReader(content), whole, strict)["v"]
    except pa.ArrowInvalid:
        return None
    return found.combine_chunks() if len(found) == len(texts) else None


def _is_spelled(kind: pa.DataType) -> bool:
    """Whether values of this type are strings, and no bytes that could be numbers themselves."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    tests = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(test(kind) for test in tests)


def _with_floats(
    found: pa.Array, texts: pa.Array, rows: npt.NDArray[np.bool_], raw: bool
) -> pa.Array:
    """`found` with the vectors that are not JSON in these rows, as far as they are any."""
    lists = found.to_pylist()
    for row in np.flatnonzero(rows):
        lists[row] = _floats(texts[row].as_py(), raw)
    return pa.array(lists, KIND)


def _floats(value: bytes, raw: bool) -> npt.NDArray[np.float64] | None:
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        content = value if raw else b""
    if not content or len(content) % 4:
        return None
    numbers = np.frombuffer(content, "<f4").astype(np.float64)
    # Words, and ids in hex, may be base64 too; what they spell are no numbers of a vector.
    sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    sound = not len(sizes) or (sizes.max() <= _LARGEST and np.median(sizes) >= _SMALL)
    return numbers if sound else None


def _one(text: bytes) -> list[float] | None:
    try:
        found: Any = json.loads(text)
        return found and [np.nan if x is None else float(x) for x in found]
    except (ValueError, TypeError, OverflowError):
        return None
