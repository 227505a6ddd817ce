"""Numbers, values and tables as short text."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

WIDEST = 48
DASH = "–"
_FRACTION = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+(?=Z)")
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


def number(value: Any) -> str:
    """A number with three digits; one with an interval shows it; what is missing is a dash.

    >>> number(0.123456), number(12345.6), number({"value": 0.5, "low": 0.4, "high": 0.6})
    ('0.123', '12,346', '0.5 [0.4, 0.6]')
    """
    if isinstance(value, Mapping):
        inside = f" [{number(value['low'])}, {number(value['high'])}]" if "low" in value else ""
        return number(value.get("value")) + inside
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return DASH
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def percent(value: float | None) -> str:
    """A share of one as a percentage.

    >>> percent(0.0413), percent(None)
    ('4.1 %', '–')
    """
    return DASH if value is None or not math.isfinite(value) else f"{100 * value:.1f} %"


def shown(value: Any) -> str:
    """Any value of a result in one line.

    >>> shown(True), shown([1, 2]), shown({"k": 10}), shown("2026-11-20T08:00:00.123Z")
    ('yes', '1, 2', 'k 10', '2026-11-20T08:00:00Z')
    """
    if isinstance(value, str):
        return _FRACTION.sub(r"\1", value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        if "value" in value:
            return number(value)
        if value.keys() == {"start", "end"}:
            return window(value)
        return ", ".join(f"{spaced(key)} {shown(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    return number(value)


def window(value: Mapping[str, str] | None) -> str:
    """A window as its two ends; ends at midnight are dates.

    >>> window({"start": "2026-11-20T00:00:00Z", "end": "2026-11-21T00:00:00Z"})
    '2026-11-20 to 2026-11-21'
    """
    if not value:
        return ""
    ends = [str(value.get(key)) for key in ("start", "end")]
    if all(end.endswith("T00:00:00Z") for end in ends):
        ends = [end.removesuffix("T00:00:00Z") for end in ends]
    return " to ".join(ends)


def spaced(key: str) -> str:
    """A key of JSON as words.

    >>> spaced("reference_share")
    'reference share'
    """
    return key.replace("_", " ")


def table(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str] = (), most: int = 20
) -> list[str]:
    """The records as aligned lines below a heading; numbers to the right.

    >>> print("\\n".join(table([{"id": "a", "rows": 10}, {"id": "bcd", "rows": 5}])))
      id   rows
      a      10
      bcd     5
    """
    names = list(columns) or list(dict.fromkeys(key for record in records for key in record))
    rows = [[_short(shown(record.get(name))) for name in names] for record in records[:most]]
    lines = [[spaced(name) for name in names], *rows]
    widths = [max(_width(line[i]) for line in lines) for i in range(len(names))]
    right = [all(_counted(record.get(name)) for record in records[:most]) for name in names]
    text = [_line(line, widths, right) for line in lines]
    more = len(records) - most
    return text + ([f"  … and {more:,} more (--json shows all)"] if more > 0 else [])


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    padded = (_padded(*each) for each in zip(cells, widths, right, strict=True))
    return "  " + "  ".join(padded).rstrip()


def _counted(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _short(text: str) -> str:
    text = _DIGEST.sub(r"\1…", text)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two, combining marks none."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return len(text) + wide - sum(bool(unicodedata.combining(sign)) for sign in text)


def _padded(text: str, width: int, right: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill
