"""Numbers and times as people read them. `None` and not-a-number are a dash, never a 0."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta

DASH = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS = "−"
_POWER = re.compile(r"\b\d(\.\d+)?e[-+]\d{2,3}\b")
_PER_CENT = re.compile(r"(?<=\d) ?%")
_TIE = "\u00a0"  # keeps a number and its unit on one line


def count(n: float | None) -> str:
    """A number of things, with thousands set off.

    >>> count(12345), count(None)
    ('12,345', '–')
    """
    return DASH if n is None else f"{n:,.0f}".replace("-", _MINUS)


def share(part: float | None) -> str:
    """A fraction in [0, 1] as a percentage; only true 0 and 1 read as 0 and 100.

    >>> share(0.124), share(0.0002), share(0.99999), share(0.0)
    ('12.4\\xa0%', '<\\xa00.1\\xa0%', '>\\xa099.9\\xa0%', '0\\xa0%')
    """
    if part is None:
        return DASH
    if part in (0.0, 1.0):
        return f"{part * 100:.0f}{_TIE}%"
    if 0 < part < 0.0005:
        return f"<{_TIE}0.1{_TIE}%"
    if 0.9995 <= part < 1:
        return f">{_TIE}99.9{_TIE}%"
    return f"{part * 100:.1f}{_TIE}%".replace("-", _MINUS)


def points(change: float | None) -> str:
    """A change of a share, in percentage points with its sign.

    >>> points(0.057), points(-0.0001), points(0.0)
    ('+5.7\\xa0points', '−0.01\\xa0points', '0\\xa0points')
    """
    return DASH if change is None else f"{_points(change)}{_TIE}points"


def points_interval(low: float | None, high: float | None) -> str:
    """An interval of changes of a share, in percentage points, "" without both ends.

    >>> points_interval(0.051, 0.063)
    '+5.1 to +6.3'
    """
    return "" if low is None or high is None else f"{_points(low)} to {_points(high)}"


def share_interval(low: float | None, high: float | None) -> str:
    """An interval of shares, "" without both ends.

    >>> share_interval(0.081, 0.115)
    '8.1 to 11.5\\xa0%'
    """
    if low is None or high is None:
        return ""
    return f"{share(low).removesuffix('%').rstrip()} to {share(high)}"


def number(value: float | None, digits: int = 3) -> str:
    """A plain number to so many significant digits; only a true 1 reads as 1 from below.

    Zeros at the end are kept, so that numbers of a column are equally exact; whole numbers are
    exact and carry none.

    >>> number(0.9996), number(0.012345), number(1234.5), number(1.2e-7), number(0.0), number(-2.0)
    ('0.9996', '0.0123', '1,234', '1.2 × 10⁻⁷', '0', '−2')
    >>> number(0.97004), number(1.98, 2), number(0.99999998)
    ('0.970', '2.0', '>\\xa00.99999')
    """
    if value is None or math.isnan(value):
        return DASH
    if math.isinf(value):
        return ("" if value > 0 else _MINUS) + "∞"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e7:
        return _scientific(value)
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    if 0.9 < abs(value) < 1 and round(abs(value), places) == 1:
        if places < 6:
            return number(value, digits + 1)
        return f">{_TIE}0.99999" if value > 0 else f"<{_TIE}{_MINUS}0.99999"
    text = f"{value:,.{0 if value == round(value) else places}f}"
    return text.replace("-", _MINUS)


def tick(value: float) -> str:
    """A number on an axis: as short as it can be.

    >>> tick(0.2), tick(1500.0), tick(3.0)
    ('0.2', '1,500', '3')
    """
    text = number(value)
    return text.rstrip("0").rstrip(".") if "." in text and "×" not in text else text


def probability(p: float | None) -> str:
    """A p-value; a p of exactly 0 is only ever too small to hold.

    >>> probability(0.31), probability(0.0042), probability(2.14e-6), probability(0.0)
    ('0.31', '0.0042', '2.1 × 10⁻⁶', '< 10⁻³⁰⁰')
    """
    if p is None or math.isnan(p):
        return DASH
    if p <= 1e-300:
        return "< 10⁻³⁰⁰"
    if p < 0.001:
        return _scientific(p, 2)
    return f"{p:.2f}" if p >= 0.1 else number(p, 2)


def odds(p: float | None) -> str:
    """A p-value as "once in so many", "" where it says little.

    >>> odds(2.14e-6), odds(0.5), odds(1e-12)
    ('once in 470,000', '', 'less than once in a thousand million')
    """
    if p is None or math.isnan(p) or p > 0.2:
        return ""
    if p < 1e-9:
        return "less than once in a thousand million"
    times = 1 / p
    digits = max(0, math.floor(math.log10(times)) - 1)
    return f"once in {round(times, -digits):,.0f}"


def interval(low: float | None, high: float | None) -> str:
    """An interval of plain numbers, "" without both ends.

    >>> interval(0.91, 0.934)
    '0.910 to 0.934'
    """
    return "" if low is None or high is None else f"{number(low)} to {number(high)}"


def day(at: datetime | None) -> str:
    """A time in UTC; midnight shows as its day.

    >>> day(datetime(2026, 5, 3, tzinfo=UTC)), day(datetime(2026, 5, 3, 7, 30, tzinfo=UTC))
    ('3 May 2026', '3 May 2026, 07:30 UTC')
    """
    if at is None:
        return DASH
    text = f"{at.day} {at:%b} {at.year}"
    return text if (at.hour, at.minute, at.second) == (0, 0, 0) else f"{text}, {at:%H:%M} UTC"


def moment_text(at: float) -> str:
    """A time in seconds since 1970, to the minute.

    >>> moment_text(86_460.0)
    '2 Jan 1970, 00:01 UTC'
    """
    return day(datetime.fromtimestamp(at, UTC).replace(second=0, microsecond=0))


def span(start: datetime | None, end: datetime | None) -> str:
    """The window `[start, end)`; whole days read as the days they hold.

    >>> a, b = datetime(2026, 5, 3, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC)
    >>> span(a, b), span(a, datetime(2026, 5, 10, tzinfo=UTC)), span(a, None)
    ('3 May 2026', '3 May 2026 to 9 May 2026', 'from 3 May 2026')
    >>> span(a, datetime(2026, 5, 3, 1, tzinfo=UTC))
    '3 May 2026, 00:00 to 01:00 UTC'
    >>> span(datetime(1947, 1, 1, tzinfo=UTC), datetime(1948, 1, 1, tzinfo=UTC))
    '1947'
    """
    if start is None:
        return DASH
    if end is None:
        return f"from {day(start)}"
    if _midnight(start) and _midnight(end):
        return _days(start, end - timedelta(days=1))
    if end - start < timedelta(days=1):
        return f"{start.day} {start:%b} {start.year}, {start:%H:%M} to {end:%H:%M} UTC"
    return f"{day(start)} to {day(end)}"


def moment(text: object) -> datetime | None:
    """The aware UTC time that an ISO 8601 text names, `None` for anything else.

    >>> moment("2026-05-03T07:30:00Z").hour, moment("soon"), moment(None)
    (7, None, None)
    """
    if not isinstance(text, str):
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def seconds(length: float | None) -> str:
    """A run time.

    >>> seconds(0.42), seconds(75.0), seconds(None)
    ('0.420 s', '1 min 15 s', '–')
    """
    if length is None:
        return DASH
    if length < 60:
        return f"{number(length)} s"
    return f"{length // 60:.0f} min {length % 60:.0f} s"


def plural(n: float, noun: str) -> str:
    """A count and its noun.

    >>> plural(1, "window"), plural(3, "window")
    ('1 window', '3 windows')
    """
    return f"{count(n)} {noun}{'' if n == 1 else 's'}"


def short_source(name: str) -> str:
    """The last part of a path; the whole of it stands in the provenance.

    >>> short_source("/data/day=1/dishes.parquet"), short_source("dishes@v1")
    ('dishes.parquet', 'dishes@v1')
    """
    return name.rstrip("/").rpartition("/")[2]


def reach(windows: float | None) -> str:
    """How far back a number looks.

    >>> reach(1), reach(7), reach(None)
    ('this window', 'the last 7 windows', '–')
    """
    if windows is None:
        return DASH
    return "this window" if windows == 1 else f"the last {plural(windows, 'window')}"


def typeset(sentence: str) -> str:
    """The sentence with percentages and powers of ten written as this module writes them.

    >>> typeset("24% of rows (p = 4.6e-14)"), typeset("median distance 3.2e-02")
    ('24\\xa0% of rows (p\\xa0=\\xa04.6\\xa0×\\xa010⁻¹⁴)', 'median distance 0.032')
    """
    powers = _POWER.sub(
        lambda found: number(float(found[0]), 2).replace(" × ", f"{_TIE}×{_TIE}"), sentence
    )
    tied = _PER_CENT.sub(f"{_TIE}%", powers)
    return tied.replace("(p = ", f"(p{_TIE}={_TIE}")


def _scientific(value: float, digits: int = 3) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    power = str(int(exponent)).translate(_SUPERSCRIPT)
    return f"{mantissa.replace('-', _MINUS)} × 10{power}"


def _points(change: float) -> str:
    size = abs(change) * 100
    if size == 0:
        return "0"
    shown = f"{size:.1f}" if size >= 0.05 else f"{max(size, 0.01):.2f}"
    return ("+" if change > 0 else _MINUS) + shown


def _midnight(at: datetime) -> bool:
    return at.hour == at.minute == at.second == at.microsecond == 0


def _days(first: datetime, last: datetime) -> str:
    if first >= last:
        return day(first)
    whole_years = (first.month, first.day, last.month, last.day) == (1, 1, 12, 31)
    if whole_years:
        return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    return f"{day(first)} to {day(last)}"
