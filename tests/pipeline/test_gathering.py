"""Rows in no order of time are put together by window."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.batch import Batch
from monitor.pipeline.gathering import SMALL, Piece, gathered
from tests.rows import batch


def rows(values: list[float]) -> Batch:
    """A row for each value, which is all its vector holds."""
    return batch(np.array(values, np.float32)[:, None])


def seen(pieces: list[Piece]) -> list[tuple[int, list[float]]]:
    """Windows and the values of their rows."""
    return [(window, piece.vectors[:, 0].tolist()) for window, piece in pieces]


def test_small_pieces_wait_for_others_of_their_window() -> None:
    """Each window comes once, its rows in the order of the source."""
    split = [[(2, rows([1])), (1, rows([2]))], [(1, rows([3])), (2, rows([4, 5]))]]
    assert seen(list(gathered(split))) == [(1, [2, 3]), (2, [1, 4, 5])]


def test_large_pieces_go_on_as_they_come() -> None:
    """Sorted traffic is not copied."""
    large = rows([7.0] * SMALL)
    found = list(gathered([[(1, large)], [(1, large)]]))
    assert [piece for _, piece in found] == [large, large]


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit all go, and others gather anew."""
    monkeypatch.setattr("monitor.pipeline.gathering.HELD_BYTES", 8)
    split = [[(1, rows([i])), (2, rows([i]))] for i in range(3)]
    assert seen(list(gathered(split))) == [(1, [0, 1]), (2, [0, 1]), (1, [2]), (2, [2])]


def test_nothing_gathers_to_nothing() -> None:
    """A batch whose rows have no time has no pieces."""
    assert list(gathered([[], []])) == []
