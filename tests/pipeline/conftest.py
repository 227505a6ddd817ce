"""Small streams of traffic with known truth, and a monitor on an empty store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.config import Config
from monitor.pipeline import Monitor
from monitor.sources import Columns

FIRST_DAY = datetime(2026, 8, 24, tzinfo=UTC)  # a Monday
COLUMNS = Columns(at="at", entity="user", text="text", keep=("country",))
TOPICS = ("soup", "bread", "fish", "cake", "tea")


def traffic(days: int, *, seed: int = 0, surge: range = range(0), rows: int = 160) -> pa.Table:
    """Rows of five topics in 16 dimensions, a table of `days` days from Monday 2026-08-24.

    On the days of `surge` four of ten rows come from a sixth topic, and from Italy.
    """
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(6, 16))
    parts = []
    for day in range(days):
        weekend = day % 7 >= 5
        weights = np.array([3, 2, 2, 1, 1] if not weekend else [1, 2, 1, 3, 2], float)
        weights *= np.exp(rng.normal(0, 0.1, 5))
        topic = rng.choice(5, rows, p=weights / weights.sum())
        country = rng.choice(["de", "fr", "it"], rows)
        if day in surge:
            moved = rng.random(rows) < 0.4
            topic[moved], country[moved] = 5, "it"
        seconds = np.sort(rng.integers(0, 86_400, rows))
        at = [FIRST_DAY + timedelta(days=day, seconds=int(s)) for s in seconds]
        vectors = centres[topic] + 0.4 * rng.normal(size=(rows, 16))
        parts.append(
            pa.table(
                {
                    "id": [f"q{day}-{i}" for i in range(rows)],
                    "at": pa.array(at, pa.timestamp("us", "UTC")),
                    "user": [f"u{u}" for u in rng.integers(0, 60, rows)],
                    "text": [(*TOPICS, "pizza")[t] for t in topic],
                    "country": country.tolist(),
                    "embedding": pa.FixedSizeListArray.from_arrays(
                        pa.array(vectors.astype(np.float32).ravel()), 16
                    ),
                }
            )
        )
    return pa.concat_tables(parts)


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    """A monitor whose store, blobs and reports lie in `tmp_path`."""
    return Monitor(Config(root=tmp_path))


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[pa.Table, str], str]:
    """Writes a table as Parquet in `tmp_path` and returns the path."""

    def save(table: pa.Table, name: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
        return str(path)

    return save


def stored_bytes(monitor: Monitor, space: str) -> list[Any]:
    """What the store holds of a space's windows."""
    store = monitor.workspace.store
    basis = store.basis(space)
    assert basis is not None
    return [
        (w.window, w.rows, sorted(part.content_digest for part in w.parts))
        for w in store.windows(space, basis[0])
    ]
