"""What a window reads: which segments changed, at a controlled rate of false ones."""

from __future__ import annotations

import pytest

from monitor.readings import Reading, Readings
from monitor.scores.effect import Effect

LARGE = Effect(tv_clusters=0.2, mean_sd=0.2, auc=0.6, residual_ratio=1.0)


@pytest.mark.parametrize(("spans", "named"), [((1,), {"country=fr"}), ((1, 24, 168), set())])
def test_more_resolutions_are_more_tests(spans: tuple[int, ...], named: set[str]) -> None:
    """The smallest of three p-values, .06, is one of .17: past the 10 % that one may have."""
    found = [Reading("country=fr", span, 500.0, 0.06, LARGE) for span in spans]
    assert Readings({}, {}, 0.001, found).discovered() == named
