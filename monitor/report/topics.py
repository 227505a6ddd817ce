"""Clusters as read from a window, ranked by how much their share changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.report.bars import change_bar
from monitor.report.bodies import Cluster
from monitor.report.formats import DASH, number, points, points_interval, share, share_interval
from monitor.report.record import Record
from monitor.report.texts import Texts

FEWEST_SHOWN, MOST_SHOWN = 6, 12
"""Clusters shown at once, flagged ones first; the rest is folded away."""


@dataclass(frozen=True)
class Topic:
    """A cluster's numbers. low, high: 95 % interval of the current share; change_low, change_high:
    of the change. drifted: flagged for its share; radius_drifted: for how far its rows lie from its
    centre, radius_ratio times as far as before."""

    number: int
    label: str
    before: float | None
    after: float | None
    z: float | None
    low: float | None
    high: float | None
    change_low: float | None
    change_high: float | None
    drifted: bool
    radius_ratio: float | None
    radius_drifted: bool
    examples: tuple[str, ...]

    @property
    def flagged(self) -> bool:
        """Whether its share surely changed, or where its rows lie."""
        return self.drifted or self.radius_drifted

    @property
    def change(self) -> float | None:
        """Current share less reference share."""
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def result(self) -> str:
        """What became of a flagged topic, a dash for one that is not flagged."""
        return ", ".join(part for part in (self._size, self._width) if part) or DASH

    @property
    def _size(self) -> str:
        if not self.drifted or self.change is None:
            return "changed" if self.drifted else ""
        if self.before == 0 or self.after == 0:
            return "new" if self.before == 0 else "vanished"
        return "grew" if self.change > 0 else "shrank"

    @property
    def _width(self) -> str:
        if not self.radius_drifted or self.radius_ratio is None:
            return ""
        word = "wider" if self.radius_ratio > 1 else "tighter"
        return f"{share(abs(self.radius_ratio - 1))} {word}"


def topics(window: Record, texts: Texts) -> tuple[Topic, ...]:
    """The clusters of a window: those whose share is flagged, then those whose rows lie elsewhere,
    then all others; each by size of the change of share."""
    found = [_topic(raw, texts) for raw in window.recs("clusters")]
    return tuple(
        sorted(
            found,
            key=lambda t: (not t.drifted, not t.flagged, -abs(t.change or 0.0), t.number),
        )
    )


def n_shown(found: Sequence[Topic]) -> int:
    """How many clusters are shown at once: the flagged ones, within limits."""
    return min(max(FEWEST_SHOWN, sum(topic.flagged for topic in found)), MOST_SHOWN)


def cluster_rows(found: Sequence[Topic]) -> tuple[Cluster, ...]:
    """The clusters as rows of a table, in order."""
    high = max((s for t in found for s in (t.before, t.after) if s is not None), default=1.0)
    return tuple(_row(topic, rank, high) for rank, topic in enumerate(found, 1))


def _topic(raw: Record, texts: Texts) -> Topic:
    known = raw.whole("id")
    number_ = -1 if known is None else known
    return Topic(
        number=number_,
        label=texts.words(raw.get("label"), 90) or f"topic {number_}",
        before=raw.num("reference_share"),
        after=raw.num("current_share"),
        z=raw.num("z"),
        low=raw.num("low"),
        high=raw.num("high"),
        change_low=raw.num("change_low"),
        change_high=raw.num("change_high"),
        drifted=raw.flag("drifted"),
        radius_ratio=raw.num("radius_ratio"),
        radius_drifted=raw.flag("radius_drifted"),
        examples=tuple(t for e in raw.items("examples")[:2] if (t := texts.row(e))),
    )


def _row(topic: Topic, rank: int, high: float) -> Cluster:
    return Cluster(
        number=topic.number,
        rank=rank,
        label=topic.label,
        reference=share(topic.before),
        current=share(topic.after),
        change=points(topic.change),
        change_interval=points_interval(topic.change_low, topic.change_high),
        interval=share_interval(topic.low, topic.high),
        z=number(topic.z, 2),
        drifted=topic.flagged,
        result=topic.result,
        bar=change_bar(topic.before, topic.after, high),
        examples=topic.examples,
    )
