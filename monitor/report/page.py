"""What a page shows: dataclasses whose numbers are already formatted. Templates only print.

These names are the promise to people who bring their own templates; docs/report.md lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.report.drawing import Drawing


@dataclass(frozen=True)
class Cell:
    """One cell of a table: its text, a line of help below it, and a tone (`ok`, `drift`, …)."""

    text: str
    hint: str = ""
    tone: str = ""
    number: bool = False


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
class Trend:
    """The score over time, as two static drawings (wide, narrow) and a table."""

    wide: Drawing
    narrow: Drawing
    marks: tuple[tuple[str, str, str], ...]
    table: Table | None
    note: str


@dataclass(frozen=True)
class Cluster:
    """A topic: shares in reference and current, their change, and texts that are typical of it.

    number: its id in the data, used to link table, map and examples. rank: its place in the table.
    interval: 95 % interval of the current share.
    """

    number: int
    rank: int
    label: str
    reference: str
    current: str
    change: str
    interval: str
    z: str
    drifted: bool
    bar: Drawing
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Where it changed: clusters (first the ones shown, then the rest), further tables."""

    clusters: tuple[Cluster, ...]
    more: tuple[Cluster, ...]
    tables: tuple[Table, ...]
    note: str


@dataclass(frozen=True)
class Swatch:
    """One entry of a static legend: the CSS class of its colour and its words."""

    style: str
    text: str


@dataclass(frozen=True)
class Panel:
    """One small static map with its caption and legend."""

    drawing: Drawing
    caption: str
    legend: tuple[Swatch, ...] = ()


@dataclass(frozen=True)
class Map:
    """The map: static panels on one pair of axes, and what the live map is coloured by."""

    panels: tuple[Panel, ...]
    legend: tuple[Swatch, ...]
    colours: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Example:
    """A row shown as an example; `cluster` is its topic's number, or "" for none."""

    id: str
    text: str
    cluster: str
    cluster_label: str
    novelty: str
    nearest: str


@dataclass(frozen=True)
class ExampleGroup:
    """Examples of one kind, e.g. the most novel rows."""

    title: str
    text: str
    rows: tuple[Example, ...]


@dataclass(frozen=True)
class Neighbour:
    """A row near a mover, and what became of it: `lost`, `gained`."""

    id: str
    text: str


@dataclass(frozen=True)
class Mover:
    """A row whose neighbours changed most between two versions."""

    id: str
    text: str
    residual: str
    overlap: str
    gained: tuple[Neighbour, ...]
    lost: tuple[Neighbour, ...]


@dataclass(frozen=True)
class Cause:
    """One diagnosis: what happened, how sure, why we say so, to how many rows and where."""

    name: str
    confidence: str
    level: int
    evidence: tuple[str, ...]
    rows: str
    row_ids: tuple[str, ...]
    where: str


@dataclass(frozen=True)
class Measure:
    """A measure of two versions with what it reads for a harmless copy and for chance."""

    name: str
    help: str
    value: str
    interval: str
    floor: str
    chance: str
    bar: Drawing | None


@dataclass(frozen=True)
class Diagnosis:
    """Why the versions differ, and how many of their items are the same."""

    causes: tuple[Cause, ...]
    pairing: Table | None


@dataclass(frozen=True)
class Measures:
    """The main measures, the rest, and how cosines and residuals are spread over the rows."""

    rows: tuple[Measure, ...]
    more: tuple[Measure, ...]
    histograms: tuple[Histogram, ...]


@dataclass(frozen=True)
class Histogram:
    """A histogram as a drawing with its caption."""

    drawing: Drawing
    caption: str


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
    """A whole page: one chapter, or several that tell one story and share one guide."""

    title: str
    kind: str
    intro: str
    made_by: str
    chapters: tuple[Chapter, ...]
    report_before: str = ""
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
