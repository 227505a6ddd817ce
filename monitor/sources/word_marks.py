"""How word vectors are told from other files: they have no magic bytes."""

from __future__ import annotations

import re

_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ROWS = 20


def counts(line: bytes) -> tuple[int, int] | None:
    """Rows and dimension, where a first line states them.

    >>> counts(b"400000 300"), counts(b"the 0.418 0.24968")
    ((400000, 300), None)
    """
    parts = line.split()
    if len(parts) == 2 and all(part.isdigit() and len(part) < 12 for part in parts):
        return int(parts[0]), int(parts[1])
    return None


def kind_of_words(head: bytes) -> str | None:
    r"""The format of a file that begins so: `words`, `binary words`, or None for neither.

    >>> kind_of_words(b"2 2\ncat 0.5 1\ndog 0 2"), kind_of_words(b"the 0.1 -2e-3\nof 0.1 3\n")
    ('words', 'words')
    >>> kind_of_words(b"2 2\ncat \x00\x00\x00"), kind_of_words(b"id,x\n1,2")
    ('binary words', None)
    """
    lines = head.split(b"\n")
    lines[-1] = lines[-1].rpartition(b" ")[0]  # the last number may be cut
    if counts(lines[0]) and len(lines) > 1:
        return "words" if _numbers(lines[1]) else "binary words"
    rows = [line for line in lines[:_ROWS] if line.strip()]
    if not rows or min(map(_numbers, rows)) < 1 or b"\0" in head:
        return None
    # All numbers: a matrix without words.
    return None if all(_NUMBER.match(row.split(b" ")[0]) for row in rows) else "words"


def _numbers(line: bytes) -> int:
    """How many numbers end the line, behind its first word."""
    parts = line.rstrip(b" \r").split(b" ")[1:]
    words = [i for i, part in enumerate(parts) if not _NUMBER.fullmatch(part)]
    return len(parts) - (words[-1] + 1 if words else 0)
