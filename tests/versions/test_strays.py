"""Rows of another encoder that are not what their ids say, on real dishes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.version_cases import Scene, scene, unit
from monitor.versions.pairing import Pairs, pairing
from monitor.versions.strays import strays


def found(s: Scene, vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows whose owners are known, and all rows that are not what they should be."""
    pairs = Pairs(s.a, s.version(vectors), pairing(s.a.ids, s.a.ids))
    matched, rows = strays(pairs, np.arange(len(pairs)), np.random.default_rng(0))
    return matched.pairs, rows


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_random_rows_have_no_owner(share: float) -> None:
    """Few and many, inside another encoder: all of them, and no other."""
    s = scene(0, 900)
    rows = s.some(share)
    noise = unit(s.rng.normal(size=(len(rows), s.x.shape[1])))
    owned, odd = found(s, s.with_rows(s.other @ s.turn(), rows, noise))
    assert not len(owned)
    assert len(np.intersect1d(odd, rows)) >= 0.98 * len(rows)
    assert not len(np.setdiff1d(odd, rows))


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_wrong_ids_have_owners(share: float) -> None:
    """Vectors of the new encoder under each other's ids."""
    s = scene(1, 900)
    rows, base = s.some(share), s.other @ s.turn()
    owned, odd = found(s, s.with_rows(base, rows, base[s.rng.permutation(rows)]))
    assert len(np.intersect1d(odd, rows)) >= 0.9 * len(rows)
    assert not len(np.setdiff1d(odd, rows))
    assert len(owned) > 0.5 * len(odd)


def test_an_encoders_own_rows_are_none() -> None:
    """The other encoder alone; two unrelated versions."""
    s = scene(2, 900)
    for vectors in (s.other @ s.turn(), s.x[s.rng.permutation(900)]):
        assert not len(found(s, vectors)[1])
