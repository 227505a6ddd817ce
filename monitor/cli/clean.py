"""Text from data, made safe for a terminal and for a spreadsheet."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

# Control characters, bidirectional overrides and other marks without a width, line separators,
# lone surrogates and tags: what can move the cursor or show a line as another.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_PASSWORD = re.compile(r"(://[^/\s:@]*):[^/\s@]+@")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def clean(text: str) -> str:
    r"""`text` with every character that could command a terminal written as an escape.

    >>> print(clean("red\x1b[31m\nline"))
    red\x1b[31m\nline
    """
    if text.isascii() and text.isprintable():  # As most is, of thousands of windows.
        return text
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def cleaned(value: Any) -> Any:
    """`value` with `clean` applied to each string in it, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        return {clean(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value


def finite(value: Any) -> Any:
    """`value` as JSON can hold it: NaN and infinities are None.

    >>> finite({"p": float("nan"), "n": [1, 2.5]})
    {'p': None, 'n': [1, 2.5]}
    """
    if isinstance(value, Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def without_passwords(text: str) -> str:
    """`text` with the password of every URL in it blanked.

    >>> without_passwords("cannot reach postgresql://ann:secret@db/x")
    'cannot reach postgresql://ann:***@db/x'
    """
    return _PASSWORD.sub(r"\1:***@", text)


def cell(value: Any) -> str:
    """`value` as a cell of a CSV file, which no spreadsheet takes for a formula.

    >>> cell("=1+1"), cell(-1.5), cell(None)
    ("'=1+1", '-1.5', '')
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + clean(value)
    return "" if value is None else clean(str(value))
