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
    change = ClusterChange(0, before, now, now, now, now - before, now - before, 5.0, True)
    assert cluster_causes([change], ["pizza"]) == [sentence]
