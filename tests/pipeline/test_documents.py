"""Causes in words."""

from __future__ import annotations

import pytest

from monitor.pipeline.documents import cluster_causes
from monitor.scores.where import ClusterChange


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        (0.031, 0.232, "23.2% of rows are in cluster “pizza”, 3.1% before"),
        (0.04, 0.0004, "hardly any row is in cluster “pizza”, 4.0% before"),
        (0.04, 0.0, "no row is in cluster “pizza”, 4.0% before"),
        (
            *(0.0, 0.05),
            "5.0% of rows are in cluster “pizza”, a place where hardly any was before: something "
            "new",
        ),
    ],
)
def test_a_cluster_that_changed(before: float, now: float, sentence: str) -> None:
    """Its share now and before; a share reads as none only where it is."""
    share = (before, now, now, now, now - before, now - before, 5.0, True)
    change = ClusterChange(0, *share, 1.2, 0.1, False)
    assert cluster_causes([change], ["pizza"]) == [sentence]


@pytest.mark.parametrize(
    ("ratio", "sentences"),
    [
        (1.12, ["rows in cluster “pizza” lie 12% farther from its centre than before"]),
        (0.9, ["rows in cluster “pizza” lie 10% closer to its centre than before"]),
        (1.02, []),
    ],
)
def test_a_cluster_whose_rows_lie_elsewhere(ratio: float, sentences: list[str]) -> None:
    """How much farther from its centre, if that is enough to be told."""
    share = (0.1, 0.1, 0.08, 0.12, -0.02, 0.02, 0.3, False)
    change = ClusterChange(0, *share, ratio, 5.0, True)
    assert cluster_causes([change], ["pizza"]) == sentences
