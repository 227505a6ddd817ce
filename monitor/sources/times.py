"""A time column as UTC."""

from __future__ import annotations

import difflib
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.arrowed import numpy_flags, numpy_numbers
from monitor.errors import SchemaError, UsageError
from monitor.sources.faults import Notes, printable
from monitor.sources.texts import clean_text, is_text, plain

Times = npt.NDArray[np.datetime64]

_HINT = "write times as timestamps or as ISO 8601 text such as 2026-11-20T09:00:00Z"
_ISO = r"^\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d+)?)?)?(Z|[+-]\d\d(:?\d\d)?)?)?$"
_ZONED = r"[T ].*(Z|[+-]\d\d(:?\d\d)?)$"
_EPOCH = np.datetime64("1970-01-01", "us")


def zone(name: str | None) -> tzinfo | None:
    """The time zone of this name; UTC needs no zone database. UsageError where there is none."""
    if name is None or name.upper() in ("UTC", "Z", "ETC/UTC"):
        return None if name is None else UTC
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        near = difflib.get_close_matches(name, available_timezones(), 1)
        raise UsageError(
            f"{name!r} is not a time zone",
            f"did you mean {near[0]}?" if near else "write a name such as Europe/Berlin or UTC",
        ) from error


def refuse_times(kind: pa.DataType, column: str, name: str, given: tzinfo | None) -> None:
    """Raise SchemaError where a column of this type cannot tell times, `given` a zone or not."""
    t = pa.types
    if t.is_dictionary(kind):
        kind = kind.value_type
    if t.is_date(kind) or (t.is_timestamp(kind) and kind.tz is None):
        if given is None:
            raise _naive(column, name)
    elif not (t.is_timestamp(kind) or is_text(kind) or t.is_null(kind)):
        raise SchemaError(
            f"{column!r} of {name} is of type {kind}, which is no time",
            _HINT,
        )


def refuse_no_times(array: pa.Array, column: str, name: str, given: tzinfo | None) -> None:
    """Raise SchemaError where not one text of this sample of a column is a time."""
    found = utc(array, column, name, given, Notes())
    if is_text(array.type) and array.null_count < len(array) and np.isnat(found).all():
        first = clean_text(array.drop_null()[:1], column, Notes())[0].as_py()
        raise SchemaError(
            f"{column!r} of {name} holds no times: {printable(repr(first))}",
            _HINT,
        )


def utc(array: pa.Array, column: str, name: str, given: tzinfo | None, notes: Notes) -> Times:
    """Times (n,) datetime64[us] in UTC, NaT where null, unreadable or out of range.

    Times without a zone, and dates as their midnight, are of the zone `given`. Where a clock is
    set back and a time occurs twice, the first is meant; one that a clock skips is read as if it
    had not yet been set. Raises SchemaError for times without a zone where none is given.
    """
    array = plain(array)
    refuse_times(array.type, column, name, given)
    if pa.types.is_dictionary(array.type) and not is_text(array.type):
        array = array.dictionary_decode()
    if is_text(array.type):
        return _of_text(array, column, name, given, notes)
    if pa.types.is_null(array.type):
        return np.full(len(array), "NaT", "datetime64[us]")
    found, lost = _micro(array)
    notes.add(column, lost, "value", "out of range; they count as missing")
    local = pa.types.is_date(array.type) or array.type.tz is None
    return _from_zone(found, given) if local and given else found


def _naive(column: str, name: str) -> SchemaError:
    return SchemaError(
        f"{column!r} of {name} holds times without a time zone",
        "--timezone UTC, or the zone they were written in, such as Europe/Berlin",
    )


def _micro(array: pa.Array) -> tuple[Times, int]:
    """Values in microseconds, and how many do not fit."""
    if pa.types.is_date(array.type):
        array = array.cast(pa.timestamp("s" if array.type == pa.date32() else "ms"))
    unit = array.type.unit
    raw = numpy_numbers(array.cast(pa.int64()).fill_null(0))
    times, per = {"s": (1_000_000, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}[unit]
    whole = raw // per
    # Years 1 to 9999, as in Python: what lies outside is a mistake, not a time.
    fits = (whole >= -62_135_596_800_000_000 // times) & (whole < 253_402_300_800_000_000 // times)
    missing = numpy_flags(array.is_null())
    found = np.where(fits, whole, 0) * times + _EPOCH
    found[missing | ~fits] = np.datetime64("NaT")
    return found, int((~fits & ~missing).sum())


def _of_text(array: pa.Array, column: str, name: str, given: tzinfo | None, notes: Notes) -> Times:
    texts = pc.utf8_trim_whitespace(clean_text(array, column, Notes()))
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    zoned = pc.fill_null(pc.match_substring_regex(texts, _ZONED), False)
    iso = pc.replace_substring_regex(texts, r"(\.\d{6})\d+", r"\1")
    iso = pc.if_else(pc.match_substring_regex(iso, _ISO), iso, None)
    aware = _parsed(pc.if_else(zoned, iso, None), pa.timestamp("us", "UTC"))
    naive = _parsed(pc.if_else(zoned, None, iso), pa.timestamp("us"))
    if given is None and naive.null_count < len(naive):
        raise _naive(column, name)
    found = _micro(aware)[0]
    found = np.where(np.isnat(found), _from_zone(_micro(naive)[0], given or UTC), found)
    unread = np.isnat(found) & numpy_flags(texts.is_valid())
    notes.add(column, unread.sum(), "value", "not ISO 8601 times; they count as missing")
    return found


def _parsed(texts: pa.StringArray, kind: pa.DataType) -> pa.Array:
    try:
        return texts.cast(kind)
    except pa.ArrowInvalid:  # the 13th month: one by one, to lose only those that are wrong
        return pa.array([_one(text, kind) for text in texts], kind)


def _one(text: pa.Scalar, kind: pa.DataType) -> Any:
    try:
        return text.cast(kind)
    except pa.ArrowInvalid:
        return None


def _from_zone(local: Times, given: tzinfo) -> Times:
    """Local times of a zone as UTC."""
    if given is UTC:
        return local
    seconds, row = np.unique(local.astype("datetime64[s]"), return_inverse=True)
    offsets = [_offset(at, given) for at in seconds.tolist()]
    found: Times = local - np.array(offsets, "timedelta64[us]")[row]
    return found


def _offset(at: datetime | None, given: tzinfo) -> timedelta:
    return (at and at.replace(tzinfo=given).utcoffset()) or timedelta(0)
