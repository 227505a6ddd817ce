"""Names made safe to print, and what libraries raise turned into SourceError."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from monitor.errors import MonitorError, SourceError

_LONGEST = 300


def printable(text: object) -> str:
    r"""`text` with control characters, bidi marks and stray bytes escaped, and cut to 300.

    >>> printable("day\x1b[2J.parquet")
    'day\\x1b[2J.parquet'
    """
    found = str(text)
    safe = "".join(c if c.isprintable() else repr(c)[1:-1] for c in found[:_LONGEST])
    return safe + ("…" if len(found) > _LONGEST else "")


def counted(n: int, noun: str) -> str:
    """`n` with its noun.

    >>> counted(1, "value"), counted(2000, "value")
    ('1 value', '2,000 values')
    """
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what a library raises about the content of `name` into a SourceError."""
    try:
        yield
    except MonitorError:
        raise
    except (
        *(pa.ArrowException, OSError, EOFError, MemoryError, OverflowError, NotImplementedError),
        *(ValueError, LookupError, struct.error, zlib.error, zipfile.BadZipFile, RecursionError),
    ) as error:
        reason = printable((str(error) or type(error).__name__).splitlines()[0])
        raise SourceError(
            f"{name} cannot be read: {reason}",
            "it may be cut short or damaged; write it again",
        ) from error


def panicked(error: BaseException) -> bool:
    """Whether a library in Rust gave up: that is no Exception, and its class cannot be imported."""
    return type(error).__name__ == "PanicException"


class Notes:
    """What one reading mended, left out or counted as missing."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, column: str, n: int, noun: str, what: str) -> None:
        """Note that `n` nouns of `column` are `what`; nothing where n is 0."""
        if n:
            self._counts[column, noun, what] += int(n)

    def lines(self) -> list[str]:
        """One line for each kind of note, in the order they first came up."""
        return [
            f"{column!r}: {counted(n, noun)} {what}"
            for (column, noun, what), n in self._counts.items()
        ]
