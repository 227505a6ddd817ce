"""Incoming rows are told by the version that made them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.version_cases import Scene, scene
from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions import Origin, origin


def told(s: Scene, share: float) -> tuple[Origin, np.ndarray]:
    """Half of the dishes as index in two versions, half as traffic, `share` of it by the other."""
    half = s.rng.random(len(s.x)) < 0.5
    other = s.rng.random(len(s.x)) < share
    ids = s.a.ids.filter(pa.array(half))
    versions = Items(ids, s.x[half]), Items(ids, s.other[half])
    rows = np.where(other[:, None], s.other, s.x)[~half]
    incoming = Items(s.a.ids.filter(pa.array(~half)), rows)
    return origin(incoming, versions), other[~half]


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 1.0])
def test_the_share_of_another_version_is_told(share: float) -> None:
    """Related encoders, MiniLM and its last layers: nearly every row is told rightly."""
    found, other = told(scene(0, 1500), share)
    assert (found.of == other[found.rows]).mean() > 0.97
    assert found.verdict == ("ok" if share == 0 else "breaking")


def test_a_version_of_another_dimension_made_nothing() -> None:
    """And one version alone, or only such ones, are refused."""
    s = scene(1, 600)
    narrow = Items(s.a.ids, s.x[:, :20])
    found = origin(s.a, [narrow, s.a])
    assert [share.value for share in found.shares] == [0.0, 1.0]
    with pytest.raises(UsageError) as caught:
        origin(s.a, [s.a])
    assert caught.value.message == "one version says nothing"
    with pytest.raises(UsageError) as caught:
        origin(s.a, [narrow, narrow])
    assert caught.value.message == "600 usable rows of 384 dimensions cannot be told"
