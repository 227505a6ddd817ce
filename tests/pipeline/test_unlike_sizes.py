"""Two sources of very unlike size."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from monitor.config import Config
from monitor.pipeline import Monitor
from monitor.sources import Columns
from tests.rows import topics


def test_a_small_sample_is_not_told_apart_from_the_large_one_it_is_from(tmp_path: Path) -> None:
    """2,000 rows against 100 more of the same: of ten pairs at most two have p below 5 %, either
    way round. A basis that has seen another share of either side would tell all ten apart."""
    monitor = Monitor(Config(root=tmp_path))
    below = np.zeros(2)
    for seed in range(10):
        rows = topics(2100, np.random.default_rng(seed), d=24, spread=1.0)
        large, small = rows[:2000], rows[2000:]
        for way, (a, b) in enumerate([(large, small), (small, large)]):
            below[way] += monitor.drift(a, b, Columns(), Columns(), seed=seed)["p_value"] <= 0.05
    assert below.max() <= 2
