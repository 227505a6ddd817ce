"""How much a file may promise. Past these, it is refused before anything is allocated."""

from __future__ import annotations

from monitor.errors import SourceError

MAX_DIM = 65_536
"""Widest vector: a batch of 8192 of them takes 2 GiB."""

MAX_TEXT = 10_000
"""Longest text, in characters; the rest is cut off and counted."""

MAX_LINE = 64 << 20
"""Longest line of JSON, in bytes."""

MAX_NESTING = 64
"""Deepest nesting of metadata."""

BLOCK = 4 << 20
"""Bytes of CSV or JSON parsed at a time, and so the longest row of a CSV."""

PIECE = 64 << 20
"""Bytes of vectors decoded at a time."""

BOMB_BYTES = 1 << 30
BOMB_RATIO = 1000
"""A file that unpacks to more than both, bytes and times its own size, is a decompression bomb.
Real vectors are packed 1 to 30 times, one-hot vectors some hundred times."""

BOMB_TEXT = 64 << 20
"""The same for texts alone: there is no telling how few of them these bytes are."""

LONGEST_SAMPLE = 8192
"""Rows whose lengths tell the dimension where the type does not."""


def refuse_bomb(name: str, promised: int, stored: int, floor: int | None = None) -> None:
    """Raise SourceError where `stored` bytes promise to unpack to absurdly many.

    floor: bytes that are never too many; BOMB_BYTES where it is None.
    """
    if promised > (BOMB_BYTES if floor is None else floor) and promised > BOMB_RATIO * stored:
        raise SourceError(
            f"{name} promises {_size(promised)} from {_size(stored)}: it looks like a "
            f"decompression bomb and was not unpacked",
            "if it is sound, write it anew uncompressed or without dictionaries",
        )


def checked_dim(dim: int, name: str) -> int:
    """`dim` itself if vectors can have it, else SourceError."""
    if not 1 <= dim <= MAX_DIM:
        raise SourceError(
            f"{name} holds vectors of dimension {dim}; 1 to {MAX_DIM} can be read",
            "name another column with --vector",
        )
    return dim


def _size(n: int) -> str:
    size, units = float(n), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{size:.0f} {units[0]}" if units[0] == "bytes" else f"{size:.1f} {units[0]}"
