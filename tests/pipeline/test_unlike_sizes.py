"""Two sources of very unlike size."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from monitor.config import Config
from monitor.pipeline import Monitor
from monitor.sources import Columns
from tests.rows import topics


def test_a_small_sample_is_not_told_apart_from_the_large_one_it_is_from(tmp_path: Path) -> None:
    """2,000 rows and 100 more of the same: of six pairs at most two have p below 5 %, the small
    one first or second. A basis that saw another share of either side would tell all six apart."""
    monitor = Monitor(Config(root=tmp_path))
    below = 0
    for seed in range(6):
        rows = topics(2100, np.random.default_rng(seed), d=24, spread=1.0)
        sides = [rows[:2000], rows[2000:]][:: 1 if seed % 2 else -1]
        below += monitor.drift(*sides, Columns(), Columns(), seed=seed)["p_value"] <= 0.05
    assert below <= 2
