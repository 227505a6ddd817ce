"""Rows of traffic in no order of time, put together by window before they are folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from monitor.batch import Batch, joined

SMALL = 128
"""Pieces of fewer rows on average cost more to fold one by one than to copy."""
HELD_BYTES = 256 << 20
"""Vectors that wait at most."""

Piece = tuple[int, Batch]


def gathered(batches: Iterable[Sequence[Piece]]) -> Iterator[Piece]:
    """The rows of batches that are split by window, as few pieces by window.

    Pieces of batches that are in order of time go on as they come. Those of batches that touch many
    windows wait for others of their window; so each row's turn depends on the source alone.
    """
    held: dict[int, list[Batch]] = {}
    size = 0
    for pieces in batches:
        if sum(len(piece) for _, piece in pieces) >= SMALL * len(pieces):
            yield from pieces
            continue
        for window, piece in pieces:
            held.setdefault(window, []).append(piece)
            size += piece.vectors.nbytes
        if size > HELD_BYTES:
            yield from _released(held)
            size = 0
    yield from _released(held)


def _released(held: dict[int, list[Batch]]) -> Iterator[Piece]:
    for window in sorted(held):
        yield window, joined(held.pop(window))
