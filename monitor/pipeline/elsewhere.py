"""The same history under the default rules of other tools."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence, Set
from datetime import timedelta
from itertools import groupby
from typing import Any

import numpy as np

from monitor.basis import Basis
from monitor.model import Window
from monitor.pipeline import references
from monitor.pipeline.workspace import Workspace
from monitor.profiles import merged
from monitor.replays import REFRESH, rate
from monitor.scores.others import RULES, Past, alarms, energy
from monitor.store import StoredWindow


def others(
    workspace: Workspace,
    basis: Basis,
    stored: Sequence[StoredWindow],
    trailing: timedelta,
    judged: Set[Window],
) -> list[dict[str, Any]]:
    """How often each rule would have alarmed in the windows that our own rule judged, each held
    against the weeks of `trailing` before it: all of them, as these tools leave nothing out."""
    first, done, found = stored[0].window.start, 0, Counter[str]()
    asked = 0
    past: deque[Past] = deque(maxlen=max(1, trailing // REFRESH))
    for _, group in groupby(stored, key=lambda one: (one.window.start - first) // REFRESH):
        profiles = {one.window: references.window_profile(workspace, one) for one in group}
        if len(past) == past.maxlen:
            known = _together(past)
            due = judged & profiles.keys()
            asked += len(due)
            for window in due:
                told = alarms(basis, known, profiles[window])
                found.update(name for name, alarm in told.items() if alarm)
        held = list(profiles.values())
        past.append(Past(merged(held), np.array([energy(one) for one in held])))
        done += len(held)
        workspace.progress("rules of other tools", done, len(stored))
    return [
        {
            "rule": rule.name,
            "about": rule.about,
            "windows": asked,
            "alarms": found[rule.name],
            "per_1000": rate(found[rule.name], asked),
        }
        for rule in RULES
    ]


def _together(past: Sequence[Past]) -> Past:
    return Past(merged([one.whole for one in past]), np.vstack([one.energies for one in past]))
