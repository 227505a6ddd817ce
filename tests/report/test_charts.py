"""The static trend: marks by form, clipped scores, gaps, and labels of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.report.charts import ceiling, time_labels, trend_drawing
from monitor.report.record import Record
from monitor.report.series import Series, series
from monitor.report.texts import Texts

_START = datetime(2026, 5, 1, tzinfo=UTC)


def _trend(scores: list[float | None], **extra: Any) -> Series:
    windows = [
        {
            "start": (_START + timedelta(days=i)).isoformat(),
            "end": (_START + timedelta(days=i + 1)).isoformat(),
            "score": score,
            "threshold": 3.0,
            "verdict": "ok" if score is None or score < 3 else "drift",
            "incident": score is not None and score >= 3,
        }
        for i, score in enumerate(scores)
    ]
    found = series(Record({"trend": windows, **extra}), Texts())
    assert found is not None
    return found


def _styles(trend: Series) -> list[str]:
    return [s.attributes["class"] for s in trend_drawing(trend, (800, 200), "").shapes]


def test_verdicts_differ_by_form() -> None:
    """A drift is a diamond, an OK a disc."""
    drawing = trend_drawing(_trend([1.0, 4.0, 1.0]), (800, 200), "three")
    forms = {s.attributes["class"]: s.tag for s in drawing.shapes}
    assert (forms["v-ok"], forms["v-drift"]) == ("circle", "path")


def test_an_incident_is_one_span() -> None:
    """Windows in one incident share one band; a gap starts another."""
    assert _styles(_trend([4.0, 5.0, 1.0, 4.0])).count("incident") == 2


def test_very_high_scores_are_drawn_at_the_edge() -> None:
    """One enormous score does not flatten all the others."""
    assert ceiling(_trend([1.0, 2.0, 400.0])) == 40.0


def test_a_window_without_score_breaks_the_line() -> None:
    """No score is no zero: the line stops and a cross marks the window."""
    drawing = trend_drawing(_trend([1.0, None, 2.0]), (800, 200), "")
    (line,) = [s for s in drawing.shapes if s.attributes["class"] == "score"]
    assert line.attributes["d"].count("M") == 2
    assert [s.text for s in drawing.shapes if s.text == "×"] == ["×"]


def test_marks_outside_the_trend_are_left_out() -> None:
    """Only events within the windows are marked."""
    marks = [
        {"at": "2026-05-02T12:00:00Z", "text": "deploy"},
        {"at": "2020-01-01T00:00:00Z", "text": "long ago"},
        {"at": "soon", "text": "no time"},
    ]
    assert [mark.text for mark in _trend([1.0, 2.0, 3.0], marks=marks).marks] == ["deploy"]


def test_the_reference_is_a_span_within_the_trend() -> None:
    """What lies before the first window is cut; a reference that is elsewhere is not drawn."""

    def days(first: int, last: int) -> dict[str, str]:
        return {
            k: (_START + timedelta(days=d)).isoformat() for k, d in (("from", first), ("to", last))
        }

    trend = _trend([1.0, 4.0, 1.0], reference=days(-5, 2))
    assert trend.reference == (_START.timestamp(), (_START + timedelta(days=2)).timestamp())
    assert "reference-span" in _styles(trend)
    assert _trend([1.0, 1.0], reference=days(-9, -5)).reference is None


def test_one_window_is_no_trend() -> None:
    """A single point has no course."""
    assert series(Record({"trend": [{"start": _START.isoformat(), "score": 1}]}), Texts()) is None


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (timedelta(hours=6), ["00:00", "01:00", "02:00", "03:00", "04:00", "05:00", "06:00"]),
        (timedelta(days=2), ["1 May 00:00", "1 May 12:00", "2 May 00:00", "2 May 12:00"]),
        (timedelta(days=20), ["1 May", "4 May", "7 May", "10 May", "13 May", "16 May", "19 May"]),
        (timedelta(days=365 * 12), ["2028", "2030", "2032", "2034", "2036", "2038"]),
    ],
)
def test_time_labels_are_round(length: timedelta, labels: list[str]) -> None:
    """Hours, days or years, as the span asks for."""
    found = time_labels((_START.timestamp(), (_START + length).timestamp()), 7)
    assert [text for _, text in found][: len(labels)] == labels
