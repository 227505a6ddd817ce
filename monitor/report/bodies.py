"""What the sections of a page show, one dataclass or more a section, numbers already formatted."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.report.drawing import Drawing
from monitor.report.page import Table


@dataclass(frozen=True)
class Trend:
    """The score over time, as two static drawings (wide, narrow) and a table.

    keys: which of `ok`, `warn`, `drift`, `threshold`, `incident` and `changed` (another reference)
    are drawn.
    """

    wide: Drawing
    narrow: Drawing
    keys: tuple[str, ...]
    marks: tuple[tuple[str, str, str], ...]
    table: Table | None
    note: str


@dataclass(frozen=True)
class Cluster:
    """A topic: shares in reference and current, their change, and texts that are typical of it.

    number: its id in the data, used to link table, map and examples. rank: its place in the table.
    interval: 95 % interval of the current share, change_interval: of the change. result: "grew",
    "shrank", "new", "vanished", "5% wider" of a topic that is flagged, else a dash.
    """

    number: int
    rank: int
    label: str
    reference: str
    current: str
    change: str
    change_interval: str
    interval: str
    z: str
    drifted: bool
    result: str
    bar: Drawing
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Places:
    """Where it changed: clusters (first the ones shown, then the rest), further tables.

    tables_first: whether the tables say more than the clusters, none of which is flagged.
    """

    clusters: tuple[Cluster, ...]
    more: tuple[Cluster, ...]
    tables: tuple[Table, ...]
    note: str
    tables_first: bool


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
class Segments:
    """Segments by window as a heat map (wide, narrow), small trends of the first, and a table."""

    wide: Drawing
    narrow: Drawing
    legend: tuple[Swatch, ...]
    panels: tuple[Panel, ...]
    table: Table | None
    note: str


@dataclass(frozen=True)
class Map:
    """The map: static panels on one pair of axes, and what the live map is coloured by."""

    panels: tuple[Panel, ...]
    legend: tuple[Swatch, ...]
    colours: tuple[tuple[str, str], ...]
    note: str


@dataclass(frozen=True)
class Example:
    """A row shown as an example; `cluster` is its topic's number, or "" for none.

    times: how often it came, where that is why it is shown.
    """

    id: str
    times: str
    text: str
    cluster: str
    cluster_label: str
    novelty: str
    nearest: str


@dataclass(frozen=True)
class ExampleGroup:
    """Examples of one kind, e.g. the most novel rows. beside: what `nearest` of its rows is."""

    title: str
    text: str
    beside: str
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
    """One diagnosis: what happened, what that means, how sure, why we say so, to how many rows and
    where."""

    name: str
    meaning: str
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
    """A histogram as a drawing with its caption, and the same as a table."""

    drawing: Drawing
    caption: str
    table: Table | None
