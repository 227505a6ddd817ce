"""Thresholds are carried over by what pairs score in both versions."""

from __future__ import annotations

import numpy as np

from benchmarks.version_cases import CASES, scene
from monitor.versions.identity import row_facts
from monitor.versions.neighbourhood import neighbourhood
from monitor.versions.pairing import Pairs, pairing
from monitor.versions.score_map import Threshold, score_map


def mapped(name: str) -> tuple[Threshold, ...]:
    """The score map of a case."""
    s = scene(0, 800)
    pairs = Pairs(s.a, CASES[name](s).b, pairing(s.a.ids, s.a.ids))
    rng = np.random.default_rng(0)
    return score_map(pairs, neighbourhood(pairs, row_facts(pairs), rng), rng)


def test_cosines_that_stay_map_to_themselves() -> None:
    """A rotation changes no threshold."""
    found = mapped("rotation")
    assert len(found) > 12
    for threshold in found:
        assert abs(threshold.b - threshold.a) < 0.01
        assert threshold.agree > 0.97


def test_another_encoder_moves_the_thresholds() -> None:
    """Dishes by the mean of the last layers: .70 becomes about .84, in order, with doubt told."""
    found = mapped("new encoder")
    worth = [threshold.b for threshold in found]
    assert worth == sorted(worth)
    (seventy,) = (t for t in found if t.a == 0.7)
    assert 0.81 < seventy.b < 0.87
    assert seventy.low < seventy.b < seventy.high
    assert seventy.agree < 0.75
