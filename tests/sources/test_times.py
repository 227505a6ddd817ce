"""Time columns as UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import SourceError, UsageError
from monitor.sources.faults import Notes
from monitor.sources.times import refuse_no_times, utc, zone
from tests.sources.samples import said

BERLIN = ZoneInfo("Europe/Berlin")


def read(array: pa.Array, given: tzinfo | None = None) -> tuple[list[str], list[str]]:
    """Times in ISO 8601 and what was noted."""
    notes = Notes()
    found = utc(array, "ts", "items.parquet", given, notes)
    assert found.dtype == np.dtype("datetime64[us]")
    return [str(at).replace(".000000", "") for at in found], notes.lines()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_timestamps_of_every_unit(unit: str) -> None:
    """A zone is converted, a null is NaT, a date is midnight of its zone."""
    at = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
    zoned = pa.array([at, None], pa.timestamp(unit, "Europe/Berlin"))
    assert read(zoned) == (["2026-07-01T10:00:00", "NaT"], [])
    naive = pa.array([datetime(2026, 7, 1, 12), None], pa.timestamp(unit))
    assert read(naive, UTC)[0] == ["2026-07-01T12:00:00", "NaT"]
    assert read(naive, BERLIN)[0] == ["2026-07-01T10:00:00", "NaT"]
    before = pa.array([datetime(1969, 12, 31, 23, 59, 59)], pa.timestamp(unit))
    assert read(before, UTC)[0] == ["1969-12-31T23:59:59"]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()], ids=str)
def test_dates(kind: pa.DataType) -> None:
    """A date is its midnight in the zone given, also on the days that clocks change."""
    dates = pa.array([date(2026, 3, 29), date(2026, 3, 30), None], kind)
    assert read(dates, BERLIN)[0] == ["2026-03-28T23:00:00", "2026-03-29T22:00:00", "NaT"]


def test_hours_that_occur_twice_or_never() -> None:
    """02:30 occurs twice in October: the first is meant. It is skipped in March: an hour on."""
    times = pa.array([datetime(2026, 10, 25, 2, 30), datetime(2026, 3, 29, 2, 30)])
    assert read(times, BERLIN)[0] == ["2026-10-25T00:30:00", "2026-03-29T01:30:00"]


def test_texts() -> None:
    """ISO 8601 with a zone, or without one in the zone given; what is no time is missing."""
    texts = [
        "2026-07-01T12:00:00Z",
        " 2026-07-01 12:00:00.123456789+02:00 ",
        "2026-07-01T12:00:00-0530",
        "2026-07-01 12:00+02",
        "2026-07-01",
        "2026-07-01T12:00",
        None,
        "",
    ]
    right = [
        "2026-07-01T12:00:00",
        "2026-07-01T10:00:00.123456",
        "2026-07-01T17:30:00",
        "2026-07-01T10:00:00",
        "2026-06-30T22:00:00",
        "2026-07-01T10:00:00",
        "NaT",
        "NaT",
    ]
    assert read(pa.array(texts), BERLIN) == (right, [])
    assert read(pa.array(texts).dictionary_encode(), BERLIN) == (right, [])
    assert read(pa.array(texts[:4])) == (right[:4], [])
    wrong = pa.array(["2026-07-01T12:00:00Z", "soon", "2026-13-01T00:00Z", "20260701"])
    assert read(wrong) == (
        ["2026-07-01T12:00:00", "NaT", "NaT", "NaT"],
        ["'ts': 3 values not ISO 8601 times; they count as missing"],
    )


def test_times_out_of_range() -> None:
    """Years before 1 and after 9999 are missing, and noted."""
    edge = [-62_135_596_800, 253_402_300_799, -62_135_596_801, 253_402_300_800, 2**62]
    assert read(pa.array(edge, pa.timestamp("s", "UTC"))) == (
        ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "NaT", "NaT", "NaT"],
        ["'ts': 3 values out of range; they count as missing"],
    )


@pytest.mark.parametrize("array", [pa.nulls(2), pa.array([None, None], pa.string())], ids=["", ""])
def test_nothing_but_nulls(array: pa.Array) -> None:
    """Needs no zone."""
    assert read(array) == (["NaT", "NaT"], [])


def test_no_rows() -> None:
    """No times, and no complaint."""
    assert read(pa.array([], pa.string())) == ([], [])
    refuse_no_times(pa.array([], pa.string()), "ts", "items.parquet", None)


@pytest.mark.parametrize(
    "array",
    [pa.array([datetime(2026, 1, 1)]), pa.array([date(2026, 1, 1)]), pa.array(["2026-01-01"])],
    ids=lambda array: str(array.type),
)
def test_times_without_a_zone_are_refused(array: pa.Array) -> None:
    """Whose midnight is it?"""
    with pytest.raises(SourceError) as caught:
        read(array)
    assert said(caught.value) == (
        "'ts' of items.parquet holds times without a time zone | "
        "--timezone UTC, or the zone they were written in, such as Europe/Berlin"
    )


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.bool_(), pa.time32("s")], ids=str)
def test_types_that_are_no_times(kind: pa.DataType) -> None:
    """A number may be seconds or milliseconds: it is not guessed."""
    with pytest.raises(SourceError) as caught:
        read(pa.array([None], kind), UTC)
    assert said(caught.value) == (
        f"'ts' of items.parquet is of type {kind}, which is no time | "
        "write times as timestamps or as ISO 8601 text such as 2026-11-20T09:00:00Z"
    )


def test_a_text_column_that_holds_no_times() -> None:
    """Named by mistake."""
    with pytest.raises(SourceError) as caught:
        refuse_no_times(pa.array([None, "pizza\x1b"]), "dish", "items.parquet", None)
    assert said(caught.value) == (
        "'dish' of items.parquet holds no times: 'pizza\\x1b' | "
        "write times as timestamps or as ISO 8601 text such as 2026-11-20T09:00:00Z"
    )


def test_zones() -> None:
    """UTC needs no zone database; a name that is none is met with the nearest."""
    assert [zone(name) for name in (None, "UTC", "utc", "Z")] == [None, UTC, UTC, UTC]
    assert zone("Europe/Berlin") == BERLIN
    for name, hint in [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("../../etc/passwd", "write a name such as Europe/Berlin or UTC"),
    ]:
        with pytest.raises(UsageError) as caught:
            zone(name)
        assert said(caught.value) == f"{name!r} is not a time zone | {hint}"
