"""Rows with known truth, for the tests of statistics, of scores and of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.batch import ROW_OK, Batch
from monitor.model import Window

Floats = npt.NDArray[np.floating[Any]]


def batch(vectors: Floats, entities: Sequence[object] | None = None) -> Batch:
    """A batch of these vectors, of rows that a source found nothing wrong with."""
    status = np.full(len(vectors), ROW_OK, np.uint8)
    named = None if entities is None else pa.array([str(e) for e in entities], pa.string())
    return Batch(np.ascontiguousarray(vectors, np.float32), status, entities=named)


def topics(
    n: int,
    rng: np.random.Generator,
    *,
    weights: Sequence[float] = (3, 2, 2, 1, 1),
    d: int = 16,
    spread: float = 0.4,
) -> npt.NDArray[np.float32]:
    """n rows (n, d) about as many centres as there are `weights`; always the same centres."""
    centres = np.random.default_rng(99).normal(size=(len(weights), d))
    share = np.asarray(weights, float) / np.sum(weights)
    picked = rng.choice(len(weights), n, p=share)
    return (centres[picked] + spread * rng.normal(size=(n, d))).astype(np.float32)


MONDAY = datetime(2026, 8, 24, tzinfo=UTC)
WEEKDAYS, WEEKENDS = (3.0, 2.0, 2.0, 1.5, 1.5), (1.0, 2.0, 1.5, 3.0, 2.5)


@dataclass(frozen=True, eq=False)
class Day:
    """A window of a day, and its rows."""

    window: Window
    batch: Batch


def day(
    i: int, rng: np.random.Generator, *, rows: int = 160, grown: float = 1.0, d: int = 8
) -> Day:
    """Day i after Monday 2026-08-24: weekends have their own topics, every day's shares jitter by
    a tenth, and the last topic's share is `grown` times its own."""
    weights = np.array(WEEKENDS if i % 7 >= 5 else WEEKDAYS)
    share = weights * np.exp(0.1 * rng.normal(size=5)) / weights.sum()
    share[-1] *= grown
    n = int(rows * rng.uniform(0.8, 1.2))
    start = MONDAY + timedelta(days=i)
    vectors = topics(n, rng, weights=share.tolist(), d=d, spread=0.5)
    return Day(Window(start, start + timedelta(days=1)), batch(vectors))


def days(n: int, seed: int, *, rows: int = 160) -> list[Day]:
    """The first n days of a stream in which nothing drifts."""
    rng = np.random.default_rng(seed)
    return [day(i, rng, rows=rows) for i in range(n)]
