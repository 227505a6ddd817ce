"""The process that draws maps: the same maps as here, and a clear end where it fails."""

from __future__ import annotations

import re

import numpy as np
import pytest

from monitor.errors import MonitorError
from monitor.projection import umap_map
from monitor.umap_process import UmapProcess


def test_maps_are_those_drawn_in_this_process(tmp_path, monkeypatch):
    """Two maps, waited for in the other order, where a folder `monitor` stands in the way."""
    (tmp_path / "monitor").mkdir()
    (tmp_path / "monitor" / "__init__.py").write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    first, second = (rng.normal(size=(n, 4)).astype(np.float32) for n in (40, 60))
    process = UmapProcess()
    waits = [process.asked(first, 1), process.asked(second, 2)]
    later, earlier = waits[1](), waits[0]()
    process.close()
    np.testing.assert_array_equal(earlier, umap_map(first, 1))
    np.testing.assert_array_equal(later, umap_map(second, 2))


def test_a_process_that_fails_is_an_error_and_not_a_wait():
    """What it said last, and how to do without it."""
    process = UmapProcess()
    wait = process.asked(np.full((40, 4), np.nan, np.float32), 0)
    message = r"^the process that draws maps ended with code 1: .+$"
    with pytest.raises(MonitorError, match=message) as caught:
        wait()
    assert caught.value.hint == 'map = "pca" or "none" under [report] does without it'
    with pytest.raises(MonitorError, match=re.escape("ended with code 1")):
        process.asked(np.zeros((40, 4), np.float32), 0)()
    process.close()
