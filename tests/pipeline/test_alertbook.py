"""How alerts stand while windows are judged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.config import AlertSettings
from monitor.model import Window
from monitor.pipeline.alertbook import AlertBook
from monitor.pipeline.sights import DRIFT, Sight

DAY = timedelta(days=1)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_segment_is_as_severe_as_the_incident_it_is_part_of() -> None:
    """Also where it joins on a day on which the whole would only be a warning."""
    book = AlertBook("search", "dishes", AlertSettings(), [], AT)
    book.note(Window(AT, AT + DAY), [Sight(DRIFT, True, "critical")])
    joins = [Sight(DRIFT, True, "warning"), Sight(DRIFT, True, "warning", segment="country=it")]
    book.note(Window(AT + DAY, AT + 2 * DAY), joins)
    alone = AlertBook("search", "dishes", AlertSettings(), [], AT)
    alone.note(Window(AT, AT + DAY), joins[1:])
    assert [row.labels["severity"] for row in book.rows().values()] == ["critical", "critical"]
    assert [row.labels["severity"] for row in alone.rows().values()] == ["warning"]


def test_a_segment_that_sends_nothing_any_more_is_over_with_the_whole() -> None:
    """It is told of in no window after its alarm; while the whole still drifts it stays open."""
    book = AlertBook("search", "dishes", AlertSettings(quiet_windows=2), [], AT)
    italy = Sight(DRIFT, True, segment="country=it")
    drift, quiet, unknown = (Sight(DRIFT, breach) for breach in (True, False, None))
    for i, seen in enumerate([[drift, italy], [drift], [quiet], [unknown], [quiet]]):
        states = {row.labels.get("segment"): row.state for row in book.rows().values()}
        assert states == ({None: "firing", "country=it": "firing"} if i else {})
        book.note(Window(AT + i * DAY, AT + (i + 1) * DAY), seen)
    assert [row.state for row in book.rows().values()] == ["resolved", "resolved"]
    assert [flip.after for flip in book.flips] == ["firing", "firing", "resolved", "resolved"]
