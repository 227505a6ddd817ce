"""What a page shows: dataclasses whose numbers are already formatted. Templates only print.

These names are the promise to people who bring their own templates; docs/report.md lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MODEL = 1
"""Version of what templates are given: it grows when a name goes or changes its meaning."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, a line of detail below it, and a tone (`ok`, `drift`, …).

    help: what this is, in one line, shown on demand. link: a page in the folder of reports.
    """

    text: str
    hint: str = ""
    tone: str = ""
    number: bool = False
    help: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption. `heads` are (text, whether its column holds numbers)."""

    caption: str
    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Fact:
    """A question of the first screen, its answer, and one line of detail."""

    question: str
    answer: str
    detail: str = ""


@dataclass(frozen=True)
class Step:
    """What to look at next: a sentence and the section (its key) where it is found."""

    text: str
    section: str


@dataclass(frozen=True)
class Banner:
    """The verdict: word, tone for colour and icon, sentence, facts, causes and next steps."""

    word: str
    tone: str
    sentence: str
    facts: tuple[Fact, ...]
    causes: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Section:
    """A section of a chapter: `name` picks its template, `body` is what that template prints.

    folded: whether it is shown closed, as on pages that tell several stories.
    """

    name: str
    title: str
    lead: str
    body: Any
    folded: bool = False


@dataclass(frozen=True)
class Chapter:
    """One run. `key` prefixes its anchors; `data` feeds the live charts.

    heading, text: what a page of several chapters tells above this one, else "".
    """

    key: str
    kind: str
    heading: str
    title: str
    subtitle: str
    text: str
    banner: Banner
    warnings: tuple[str, ...]
    sections: tuple[Section, ...]
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A whole page: one chapter, or several that tell one story and share one guide.

    model: the version of these names.
    """

    title: str
    kind: str
    intro: str
    made_by: str
    chapters: tuple[Chapter, ...]
    report_before: str = ""
    report_index: str = ""
    model: int = MODEL
    guide: tuple[tuple[str, str], ...] = ()


def table(
    caption: str, heads: str, rows: tuple[tuple[Cell, ...], ...], note: str = ""
) -> Table | None:
    """A Table from heads written `name|#value|…` (# marks numbers); `None` without rows."""
    if not rows:
        return None
    parsed = tuple((head.lstrip("#"), head.startswith("#")) for head in heads.split("|"))
    return Table(caption, parsed, rows, note)


def figure(text: str, hint: str = "", tone: str = "") -> Cell:
    """A cell that holds a number."""
    return Cell(text, hint, tone, number=True)
