"""Text from data, made safe to show: no control or bidi characters, shortened, redacted.

Escaping is not done here: templates escape everything they print.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from monitor.errors import UsageError
from monitor.report.formats import typeset

Examples = Literal["none", "hash", "truncate", "full"]
ROW_LENGTH = 160
"""Characters of a row's text that `truncate` shows."""
FULL_LENGTH = 4000
"""Characters of a row's text that `full` shows; a page must stay small."""
WORDS_LENGTH = 240
"""Characters of any other text."""

_JOINERS = "\u200c\u200d"
"""Zero-width joiners: Persian, Indic scripts and emoji are written with them."""
_HASHED = re.compile(r"text [0-9a-f]{10}")
_MARKS_IN_A_ROW = 3


def clean(value: object, limit: int = WORDS_LENGTH) -> str:
    """`value` as one line of harmless text of at most `limit` characters.

    Control, bidi, private and unassigned characters go, half surrogates become U+FFFD, piles
    of combining marks are thinned, runs of white space become one space.

    >>> clean("a\\u202eb\\x00c\\n d"), clean("x" * 9, 4), clean(None)
    ('abc d', 'xxx…', '')
    """
    if value is None:
        return ""
    text = str(value)[: limit * 8]
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind in ("Zl", "Zp") or char in "\t\n\r\v\f\x85":
            kept.append(" ")
        elif kind == "Cs":
            kept.append("\ufffd")
        elif (kind[0] != "C" or char in _JOINERS) and marks <= _MARKS_IN_A_ROW:
            kept.append(char)
    line = " ".join("".join(kept).split())
    cut = len(line) > limit or len(str(value)) > len(text)
    return line[: limit - 1].rstrip() + "…" if cut else line


@dataclass(frozen=True)
class Texts:
    """How row texts are shown (`mode`) and what is blanked in every text (`patterns`)."""

    mode: Examples = "truncate"
    patterns: tuple[re.Pattern[str], ...] = ()

    def row(self, value: object) -> str | None:
        """A row's own text as `mode` allows it; `None` where there is none or none is wanted.

        `hash` tells equal texts from unequal ones; short texts can be guessed from it.

        >>> Texts("hash").row("soup"), Texts("none").row("soup")
        ('text 9014fac818', None)
        """
        if value is None or self.mode == "none":
            return None
        if self.mode == "hash":
            if _HASHED.fullmatch(str(value)):  # as it stands in the JSON beside a page
                return str(value)
            raw = str(value).encode("utf-8", "surrogatepass")
            return f"text {hashlib.sha256(raw).hexdigest()[:10]}"
        limit = FULL_LENGTH if self.mode == "full" else ROW_LENGTH
        return clean(self._redacted(str(value)[: limit * 8]), limit)

    def words(self, value: object, limit: int = WORDS_LENGTH) -> str:
        """Any other text: names, labels, ids, causes.

        >>> texts_of("full", [r"\\d{4}"]).words("card 1234")
        'card ▮▮▮'
        """
        return clean(self._redacted("" if value is None else str(value)[: limit * 8]), limit)

    def said(self, value: object, limit: int = WORDS_LENGTH) -> str:
        """A sentence of the run's own, its numbers written as elsewhere on the page.

        >>> Texts().said("24% of rows (p = 4.6e-14)")
        '24\\xa0% of rows (p\\xa0=\\xa04.6\\xa0×\\xa010⁻¹⁴)'
        """
        return typeset(self.words(value, limit))

    def _redacted(self, text: str) -> str:
        for pattern in self.patterns:
            text = pattern.sub("▮▮▮", text)
        return text


def texts_of(examples: str, redact: Sequence[str]) -> Texts:
    """The rules for texts from `[report] examples` and `redact`; UsageError names a bad one."""
    modes: tuple[Examples, ...] = ("none", "hash", "truncate", "full")
    found = [mode for mode in modes if mode == examples]
    if not found:
        raise UsageError(f"examples = {examples!r} is not known", f"use one of {', '.join(modes)}")
    return Texts(found[0], tuple(_compiled(pattern) for pattern in redact))


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise UsageError(
            f"redact = {pattern!r} is not a regular expression: {error}",
            "escape . ( ) [ ] with a backslash where they are meant literally",
        ) from None
