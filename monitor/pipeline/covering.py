"""Incoming rows against versions: what they find there, and which version made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.batch import Items
from monitor.labels import cluster_labels
from monitor.model import Columns
from monitor.pipeline.snapshots import items
from monitor.pipeline.workspace import Run, Workspace

if TYPE_CHECKING:
    from monitor.versions import Coverage

LISTED = 1000
"""Ids of rows that are not of the declared version in the JSON of `origin`."""

_SHOWN = 20
_FEWEST = 5


def coverage(
    workspace: Workspace,
    queries: str,
    corpus: str,
    columns: Columns,
    *,
    reference: str | None = None,
    limit: float | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Which queries no item of the corpus is near; see `Monitor.coverage`."""
    from monitor import versions

    run = Run("coverage", workspace, seed=seed)
    asked, held = (items(workspace, what, columns, run) for what in (queries, corpus))
    known = None if reference is None else items(workspace, reference, columns, run)
    found = versions.coverage(asked, held, reference=known, limit=limit, seed=seed)
    low, high = found.share.low, found.share.high
    return run.document(
        {
            "covered": {"value": found.share.value, "low": low, "high": high},
            "queries": len(found.rows),
            "items": len(held),
            "limit": found.limit,
            "limit_from": found.limit_from,
            "topics": _topics(found, asked),
            "uncovered": [_record(found, int(i), asked, held) for i in found.uncovered[:_SHOWN]],
        }
    )


def origin(
    workspace: Workspace, rows: str, known: Sequence[str], columns: Columns, *, seed: int = 0
) -> dict[str, Any]:
    """Which of the versions made incoming rows; see `Monitor.origin`."""
    from monitor import versions

    run = Run("origin", workspace, seed=seed)
    incoming = items(workspace, rows, columns, run)
    indexes = [items(workspace, what, columns, run) for what in known]
    found = versions.origin(incoming, indexes, seed=seed)
    other = incoming.ids.take(found.rows[found.of != 0][:LISTED])
    return run.document(
        {
            "verdict": found.verdict,
            "rows": len(found.rows),
            "declared": known[0],
            "versions": [
                {"version": name, "share": m.value, "low": m.low, "high": m.high}
                for name, m in zip(known, found.shares, strict=True)
            ],
            "row_ids": other.to_pylist(),
        }
    )


def _topics(found: Coverage, asked: Items) -> list[dict[str, Any]]:
    """Groups of queries, those with the most uncovered first."""
    from monitor.versions import text_column

    name = text_column(asked)
    texts: Sequence[str | None] = [None] * len(found.rows)
    if name is not None:
        texts = asked.columns[name].take(found.rows).to_pylist()
    ids = asked.ids.take(found.rows).to_pylist()
    count = int(found.topics.max()) + 1
    labels = cluster_labels(texts, found.topics, count, ids=ids)
    alone = found.similarity < found.limit
    records = []
    for topic in range(count):
        inside = found.topics == topic
        if inside.sum() >= _FEWEST and alone[inside].any():
            records.append(
                {
                    "label": labels[topic].text,
                    "queries": int(inside.sum()),
                    "uncovered": int(alone[inside].sum()),
                    "covered": round(1 - float(alone[inside].mean()), 4),
                    "similarity": round(float(np.median(found.similarity[inside])), 4),
                }
            )
    return sorted(records, key=lambda record: -int(record["uncovered"]))


def _record(found: Coverage, i: int, asked: Items, held: Items) -> dict[str, Any]:
    from monitor.versions import text_column

    record: dict[str, Any] = {"similarity": round(float(found.similarity[i]), 4)}
    for key, side, row in (("query", asked, found.rows[i]), ("nearest", held, found.items[i])):
        name = text_column(side)
        record[f"{key}_id"] = str(side.ids[int(row)].as_py())
        record[key] = None if name is None else side.columns[name][int(row)].as_py()
    return record
