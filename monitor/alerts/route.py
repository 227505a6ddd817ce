"""Which sink gets which alert."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from monitor.config import SinkSettings


def takes(settings: SinkSettings, labels: Mapping[str, str]) -> bool:
    """Whether a sink wants alerts with `labels`: each of its lists that is not empty has a pattern
    for the label. A list of segments leaves out alerts on the whole, whose segment is "".

    >>> takes(SinkSettings(kind="stdout", severities=("critical",)), {"severity": "warning"})
    False
    """
    wanted = {
        "space": settings.spaces,
        "monitor": settings.monitors,
        "segment": settings.segments,
        "severity": settings.severities,
    }
    return all(
        not patterns or any(fnmatchcase(labels.get(label, ""), pattern) for pattern in patterns)
        for label, patterns in wanted.items()
    )
