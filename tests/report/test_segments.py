"""Segments over time, and what else the trend and the first screen tell of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from monitor.report.colours import window_codes
from monitor.report.packed import uint8
from monitor.report.record import Record
from monitor.report.segments import segments_over_time
from monitor.report.series import series
from monitor.report.story import page_of
from monitor.report.texts import Texts


def _trend(segments: list[dict[str, Any]]) -> Any:
    days = [{"start": f"2026-05-{i:02d}", "end": f"2026-05-{i + 1:02d}"} for i in range(1, 29)]
    windows = [{**day, "segments": one} for day, one in zip(days, segments, strict=False)]
    found = series(Record({"trend": windows}), Texts())
    assert found is not None
    return found


def test_what_changed_stands_first_with_a_sign_and_in_the_table() -> None:
    """The heat map, the small trends and the table tell the same, by form as well as colour."""
    quiet, moved = {"a": [0.4, False], "b": [0.05, False]}, {"a": [1e-6, True], "b": [0.3, False]}
    found = segments_over_time(_trend([quiet, quiet, moved, moved, quiet]))
    assert found is not None
    assert [panel.caption for panel in found.panels] == ["a", "b"]
    styles = [shape.attributes["class"] for shape in found.wide.shapes]
    assert (styles.count("heat h3"), styles.count("v-drift")) == (2, 2)
    assert (styles.count("heat h1"), styles.count("heat h0")) == (3, 5)
    assert found.table is not None
    assert [cell.text for cell in found.table.rows[0]] == [
        "a", "2", "3 May 2026 to 4 May 2026", "1 × 10⁻⁶", "3 May 2026",
    ]  # fmt: skip


def test_quiet_segments_are_left_out_and_counted() -> None:
    """At most sixteen rows; the note says how many are missing."""
    many = {f"country={i:02d}": [1 / (i + 2), False] for i in range(20)}
    found = segments_over_time(_trend([many, many]))
    assert found is not None
    assert found.table is not None and len(found.table.rows) == 16
    assert found.note == "4 quieter segments not shown."
    assert found.table.rows[0][0].text == "country=19"


def test_without_segments_there_is_no_section() -> None:
    """A monitor that names no segments has no empty block on its page."""
    assert segments_over_time(_trend([{}, {}, {}])) is None


def test_another_reference_is_marked_on_the_trend(runs: dict[str, Any]) -> None:
    """Where what judges a window changes, the trend has a flag, and its legend says so."""
    chapter = page_of(runs["check"], Texts()).chapters[0]
    trend = next(section.body for section in chapter.sections if section.name == "trend")
    assert "changed" in trend.keys
    flags = [s for s in trend.wide.shapes if s.attributes["class"] == "rebase"]
    assert len(flags) == len(chapter.data["trend"]["changes"]) == 1


def test_windows_of_the_slider_are_those_with_rows() -> None:
    """On the grid of the page's window; a row without a time is in none."""
    window = Record({"start": "2026-05-03T00:00:00Z", "end": "2026-05-04T00:00:00Z"})
    day, start = 86_400.0, 1_777_766_400.0
    at = np.array([start, start + 3600, start - 2 * day, np.nan, start - 2 * day + 1])
    found = window_codes(at, window)
    assert found == {
        "values": uint8(np.array([1, 1, 0, np.nan, 0])), "names": ["1 May 2026", "3 May 2026"],
    }  # fmt: skip
    assert window_codes(at[:2], window) is None
    many = window_codes(start + day * np.arange(600.0), window)
    assert many is not None and len(many["names"]) <= 254


@pytest.mark.parametrize(("drifted", "part"), [(1, "country=it"), (3, "client = 4.3")])
def test_rows_that_are_far_out_are_told_before_topics(drifted: int, part: str) -> None:
    """Where no topic is flagged, the part is what the rows share; not one segment of many."""
    segments = [
        {"segment": f"country={one}", "drifted": i < drifted, "p_value": 0.001}
        for i, one in enumerate(("it", "de", "fr"))
    ]
    column = {"name": "client", "drifted": True, "reference": {"4.2": 1.0}}
    ratio = 1.5 if drifted > 1 else 1.1
    run = {
        "schema": "embmon/check/1",
        "monitor": "searches",
        "columns": [{**column, "current": {"4.2": 0.75, "4.3": 0.25}}],
        "windows": [
            {
                "verdict": "drift",
                "effect": {"tv_clusters": 0.03, "residual_ratio": ratio},
                "clusters": [
                    {"id": 0, "label": "pie", "reference_share": 0.1, "current_share": 0.13}
                ],
                "segments": segments,
            }
        ],
    }
    banner = page_of(run, Texts()).chapters[0].banner
    assert banner.facts[2].answer == part
    assert ("farther from known topics" in banner.sentence) == (drifted > 1)
