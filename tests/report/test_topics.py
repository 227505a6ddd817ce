"""Topics as read from a window."""

from __future__ import annotations

import pytest

from monitor.report.record import Record
from monitor.report.texts import Texts
from monitor.report.topics import n_shown, topics


def cluster(id: int, share: bool, radius: bool, ratio: float | None = 1.0) -> dict[str, object]:
    """A cluster of run JSON that grew a little."""
    flags = {"drifted": share, "radius_drifted": radius, "radius_ratio": ratio}
    return {"id": id, "reference_share": 0.1, "current_share": 0.1 + id / 100, **flags}


@pytest.mark.parametrize(
    ("share", "radius", "ratio", "result"),
    [
        (True, False, 1.3, "grew"),
        (False, True, 1.12, "12.0\xa0% wider"),
        (False, True, 0.94, "6.0\xa0% tighter"),
        (True, True, 1.12, "grew, 12.0\xa0% wider"),
        (False, False, 1.3, "–"),
    ],
)
def test_what_became_of_a_topic(share: bool, radius: bool, ratio: float, result: str) -> None:
    """By its share and by how far its rows lie from its centre, where these are flagged."""
    window = Record({"clusters": [cluster(1, share, radius, ratio)]})
    assert topics(window, Texts())[0].result == result


def test_flagged_topics_lead() -> None:
    """Those whose share changed, then those whose rows lie elsewhere; all of them are shown."""
    flags = {0: (False, True), 1: (True, False), 9: (False, False)}
    flags |= {i: (False, True) for i in range(2, 9)}
    window = Record({"clusters": [cluster(i, *both) for i, both in flags.items()]})
    found = topics(window, Texts())
    assert [topic.number for topic in found] == [1, 8, 7, 6, 5, 4, 3, 2, 0, 9]
    assert n_shown(found) == 9
