"""Rows shown as examples: the most novel, typical of what grew, typical of what vanished."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.report.bodies import Example, ExampleGroup
from monitor.report.formats import count, number
from monitor.report.record import Record
from monitor.report.texts import Texts
from monitor.report.topics import Topic

_MOST = 30
_NEAR_REFERENCE, _NEAR_CURRENT = "nearest reference row", "nearest current row"
_GROUPS = (
    (
        "novel",
        "Most novel",
        "Current rows farthest from any reference row. Exploratory.",
        _NEAR_REFERENCE,
    ),
    (
        "growing",
        "Typical of what grew",
        "Current rows of the topic that gained most.",
        _NEAR_REFERENCE,
    ),
    (
        "vanished",
        "Typical of what shrank",
        "Reference rows of the topic that lost most.",
        _NEAR_CURRENT,
    ),
    (
        "duplicates",
        "Sent again and again",
        "Vectors that many current rows share: retries, templates, bots or a cache.",
        _NEAR_REFERENCE,
    ),
)


def example_groups(run: Record, found: Sequence[Topic], texts: Texts) -> tuple[ExampleGroup, ...]:
    """The groups of examples that hold any row; empty where `examples = "none"`."""
    if texts.mode == "none":
        return ()
    labels = {topic.number: topic.label for topic in found}
    raw = run.rec("examples")
    groups = [
        ExampleGroup(
            title,
            text,
            beside,
            tuple(_example(r, labels, texts) for r in raw.recs(key)[:_MOST]),
        )
        for key, title, text, beside in _GROUPS
    ]
    return tuple(group for group in groups if group.rows)


def _example(raw: Record, labels: dict[int, str], texts: Texts) -> Example:
    cluster = raw.whole("cluster")
    nearest = raw.rec("nearest")
    near = texts.row(nearest.get("text")) or texts.words(nearest.get("id"), 60)
    label = texts.words(raw.get("label"), 90)
    times = raw.num("copies")
    id = texts.words(raw.get("id"), 60)
    return Example(
        id=id,
        times=f"{count(times)} times" if times else "",
        text=texts.row(raw.get("text")) or "",
        cluster="" if cluster is None else str(cluster),
        cluster_label="" if cluster is None else label or labels.get(cluster, f"topic {cluster}"),
        novelty=number(raw.num("novelty")),
        nearest=near,
    )
