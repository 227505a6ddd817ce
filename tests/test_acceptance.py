"""Scenarios that others published, with few trials; benchmarks/acceptance.py has more of both."""

from __future__ import annotations

import pytest

from benchmarks.acceptance import FALSE_ALARMS, SCENARIOS, Scenario

TRIALS = 4
ALIKE = 10
FAST = ("A1", "A7", "A17", "own")

CHOSEN = [one for one in SCENARIOS if one.name in FAST]


@pytest.mark.parametrize("scenario", CHOSEN, ids=lambda one: f"{one.name}: {one.counted}")
def test_scenario(scenario: Scenario) -> None:
    """Four trials of four where it should nearly always hold; of ten samples alike at most two
    are called drift (three has a chance of 1 %)."""
    low, high = scenario.expected
    if scenario.expected == FALSE_ALARMS:
        assert sum(scenario.trial(seed) for seed in range(ALIKE)) <= 2
    elif high == 0:
        assert not any(scenario.trial(seed) for seed in range(TRIALS))
    else:
        assert sum(scenario.trial(seed) for seed in range(TRIALS)) >= min(low, 0.75) * TRIALS
