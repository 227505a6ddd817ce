"""The drawings of a page as one SVG picture, for mail and dashboards."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.report.bodies import Map, Trend
from monitor.report.drawing import Drawing
from monitor.report.page import Chapter, Page

WIDTH = 1000
_TOP, _GAP = 76, 16


@dataclass(frozen=True)
class Placed:
    """A drawing on the picture: its caption, its corner and its size in units."""

    drawing: Drawing
    caption: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Picture:
    """Verdict, sentence, trend and maps of a page's first chapter, one below the other.

    legend: the topics numbered on the maps, each with its corner.
    """

    chapter: Chapter
    drawings: tuple[Placed, ...]
    legend: tuple[tuple[str, float, float], ...]
    height: float


def picture(page: Page) -> Picture:
    """The picture of a page; one without trend and map shows the verdict alone."""
    chapter = page.chapters[0]
    placed: list[Placed] = []
    y = float(_TOP)
    for section in chapter.sections:
        row = _row(section.body, y)
        placed += row
        y = max((one.y + one.height + _GAP for one in row), default=y)
    words = [
        s.text for one in chapter.sections if isinstance(one.body, Map) for s in one.body.legend
    ]
    step = (WIDTH + _GAP) / 3
    legend = [(text, i % 3 * step, y + 8 + i // 3 * 24) for i, text in enumerate(words)]
    return Picture(chapter, tuple(placed), tuple(legend), y + 24 * -(-len(words) // 3))


def _row(body: object, y: float) -> list[Placed]:
    if isinstance(body, Trend):
        return [Placed(body.wide, "", 0, y, WIDTH, WIDTH * body.wide.height / body.wide.width)]
    if not isinstance(body, Map):
        return []
    side = (WIDTH - _GAP * (len(body.panels) - 1)) / len(body.panels)
    return [
        Placed(panel.drawing, panel.caption, i * (side + _GAP), y + 24, side, side)
        for i, panel in enumerate(body.panels)
    ]
