"""Any Arrow column of single values as clean strings."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.sources.faults import Notes
from monitor.sources.limits import MAX_TEXT

_BAD = "not valid UTF-8; bytes were replaced by U+FFFD"
_LONG = f"longer than {MAX_TEXT:,} characters and cut"


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are strings, or bytes that should be."""
    t = pa.types
    if t.is_dictionary(kind):
        return is_text(kind.value_type)
    tests = (t.is_string, t.is_large_string, t.is_string_view)
    return any(test(kind) for test in (*tests, t.is_binary, t.is_large_binary, t.is_binary_view))


def is_single(kind: pa.DataType) -> bool:
    """Whether a column of this type holds single values, which can be carried along."""
    t = pa.types
    if t.is_dictionary(kind):
        return is_single(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return is_single(kind.storage_type)
    return not (t.is_nested(kind) or t.is_run_end_encoded(kind))


def plain(array: pa.Array) -> pa.Array:
    """The storage of an extension array, a UUID as its usual text; else `array` itself."""
    if not isinstance(array, pa.ExtensionArray):
        return array
    if array.type.extension_name == "arrow.uuid":
        found = (v and str(uuid.UUID(bytes=v)) for v in array.storage.to_pylist())
        return pa.array(found, pa.string())
    return array.storage


def clean_text(array: pa.Array, column: str, notes: Notes) -> pa.StringArray:
    """`array` as strings: bad UTF-8 replaced, long values cut, both noted by rows.

    Numbers, times and the like are spelled as Arrow does, fixed-size bytes in hex; null stays
    null. NUL and control characters are kept: escaping is for those who print.
    """
    array = plain(array)
    if pa.types.is_dictionary(array.type):
        # Values are cut before they are spread over the rows: a long one repeated would fill
        # the memory.
        values, bad, cut = _cleaned(spelling(array.dictionary))
        rows = array.indices
        _note(column, notes, _spread(bad, rows), _spread(cut, rows))
        return values.take(rows)
    values, bad, cut = _cleaned(spelling(array))
    _note(column, notes, bad, cut)
    return values


def _note(column: str, notes: Notes, bad: Any, cut: Any) -> None:
    notes.add(column, bad.sum(), "value", _BAD)
    notes.add(column, cut.sum(), "value", _LONG)


def _spread(flags: Any, rows: pa.Array) -> Any:
    return flags[rows.drop_null().to_numpy()] if flags.any() else flags[:0]


def spelling(array: pa.Array) -> pa.Array:
    """The values as bytes: what they spell, still unchecked."""
    array, t = plain(array), pa.types
    if t.is_dictionary(array.type):
        array = array.dictionary_decode()
    if is_text(array.type):
        return array.cast(pa.large_binary())
    if t.is_fixed_size_binary(array.type):
        return pa.array([v and v.hex().encode() for v in array.to_pylist()], pa.large_binary())
    if t.is_timestamp(array.type) and array.type.tz is not None:
        # Spelling another zone's local time needs a zone database, and tells no more.
        array = array.cast(pa.timestamp(array.type.unit, "UTC"))
    return array.cast(pa.large_string()).cast(pa.large_binary())


def _cleaned(found: pa.Array) -> tuple[pa.StringArray, Any, Any]:
    """Strings, and which of them had bad bytes or were cut."""
    n = len(found)
    bad, cut = np.zeros(n, bool), np.zeros(n, bool)
    longest = pc.max(pc.binary_length(found)).as_py() or 0
    if longest <= MAX_TEXT:
        try:
            return found.cast(pa.string()), bad, cut
        except pa.ArrowInvalid:
            pass
    values: list[str | None] = []
    for row, value in enumerate(found):
        text = _decoded(value.as_buffer())
        values.append(text and text[0][:MAX_TEXT])
        if text:
            bad[row], cut[row] = text[1], len(text[0]) > MAX_TEXT
    return pa.array(values, pa.string()), bad, cut


def _decoded(raw: pa.Buffer | None) -> tuple[str, bool] | None:
    """The start of a text, long enough to be cut, and whether it had bad bytes."""
    if raw is None:
        return None
    # A character takes at most 4 bytes, so what the slice may split lies past the cut.
    head = raw.slice(0, min(raw.size, 4 * (MAX_TEXT + 1))).to_pybytes()
    try:
        return head.decode(), False
    except UnicodeDecodeError as error:
        split = raw.size > len(head) and error.start > len(head) - 4
        return head.decode("utf-8", "replace"), not split
