"""The drawings of a page as one picture, for mail and dashboards."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap

from monitor.report.bodies import Map, Swatch, Trend
from monitor.report.drawing import Drawing
from monitor.report.page import Chapter, Page

WIDTH = 1000
_GAP, _LINE, _CAPTION = 16, 22, 24
_LETTERS = 118
"""So many letters of the sentence fit on a line."""


@dataclass(frozen=True)
class Placed:
    """A drawing on the picture: its caption, its corner and its size in units, and the two ends of
    its legend."""

    drawing: Drawing
    caption: str
    x: float
    y: float
    width: float
    height: float
    legend: tuple[Swatch, ...] = ()


@dataclass(frozen=True)
class Picture:
    """Verdict, sentence, trend and maps of a page's first chapter, one below the other.

    lines: the sentence. legend: the topics numbered on the maps, each with its corner.
    """

    chapter: Chapter
    lines: tuple[str, ...]
    drawings: tuple[Placed, ...]
    legend: tuple[tuple[str, float, float], ...]
    height: float


def picture(page: Page) -> Picture:
    """The picture of a page; one without trend and map shows the verdict alone."""
    chapter = page.chapters[0]
    lines = wrap(chapter.banner.sentence, _LETTERS, max_lines=3, placeholder=" …")
    placed: list[Placed] = []
    y = float(48 + _LINE * len(lines))
    for section in chapter.sections:
        row = _row(section.body, y)
        placed += row
        y = max((one.y + one.height + _GAP + 8 * bool(one.legend) for one in row), default=y)
    words = [
        s.text for one in chapter.sections if isinstance(one.body, Map) for s in one.body.legend
    ]
    step = (WIDTH + _GAP) / 3
    legend = [(text, i % 3 * step, y + 16 + i // 3 * 24) for i, text in enumerate(words)]
    height = y + 24 * -(-len(words) // 3)
    return Picture(chapter, tuple(lines), tuple(placed), tuple(legend), height)


def _high(drawing: Drawing) -> float:
    return WIDTH * drawing.height / drawing.width


def _row(body: object, y: float) -> list[Placed]:
    if isinstance(body, Trend):
        marks = "; ".join(f"{number}: {text}, {day}" for number, day, text in body.marks)
        below = y + (_CAPTION if marks else 0)
        return [Placed(body.wide, marks, 0, below, WIDTH, _high(body.wide))]
    if not isinstance(body, Map):
        return []
    side = (WIDTH - _GAP * (len(body.panels) - 1)) / len(body.panels)
    return [
        Placed(
            panel.drawing,
            panel.caption,
            *(i * (side + _GAP), y + _CAPTION, side, side),
            panel.legend[:1] + panel.legend[1:][-1:],
        )
        for i, panel in enumerate(body.panels)
    ]
