"""Rows that teach: most novel, typical of what grew and shrank, sent again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Float64
from monitor.stats.sample import coordinates

MOST = 8
_COMPARED = 2000
_NEAR = 0.1
"""Rows closer than this part of the usual distance to the nearest other row are near-duplicates."""
_FEWEST_COPIES = 3


def taught(
    normal: pa.Table, current: pa.Table, farthest: pa.Table, clusters: Sequence[Mapping[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """Groups of example rows, each row with the nearest of the other side beside it.

    normal, current: sampled rows of either side; farthest: the current rows of most novelty;
    clusters: the clusters of the window's JSON.
    """
    change = {c["id"]: c["current_share"] - c["reference_share"] for c in clusters}
    grown = max(change, key=lambda k: change[k], default=-1)
    shrunk = min(change, key=lambda k: change[k], default=-1)
    novel = _first_of_each(farthest.sort_by([("_novelty", "descending")]))
    repeated, copies = near_duplicates(current)
    groups = {
        "novel": _rows(novel, normal),
        "growing": _rows(_typical(current, grown), normal),
        "vanished": _rows(_typical(normal, shrunk), current),
        "duplicates": [
            {**row, "copies": int(n)}
            for row, n in zip(_rows(repeated, normal), copies, strict=True)
        ],
    }
    names = {c["id"]: c["label"] for c in clusters}
    return {
        key: [{**row, "label": names.get(row["cluster"])} for row in rows]
        for key, rows in groups.items()
    }


def near_duplicates(table: pa.Table) -> tuple[pa.Table, list[int]]:
    """Rows that at least three rows are copies or near copies of, most copied first, and how many.

    Near: within a tenth of the median distance of a row to its nearest unlike row. Looks at the
    first 2,000 sampled rows, which are in order of hash.
    """
    table = table.slice(0, _COMPARED)
    if table.num_rows < 2:
        return table.slice(0, 0), []
    distance = _squared_distances(coordinates(table), coordinates(table))
    np.fill_diagonal(distance, np.inf)
    unlike = np.where(distance > 1e-9, distance, np.inf).min(axis=1)
    usual = np.median(unlike[np.isfinite(unlike)]) if np.isfinite(unlike).any() else 0.0
    np.fill_diagonal(distance, 0.0)
    near = distance <= max(usual * _NEAR**2, 1e-9)
    copies = near @ table["_count"].to_numpy()
    picked: list[int] = []
    left = np.ones(len(copies), bool)
    for i in np.argsort(-copies, kind="stable"):
        if copies[i] >= _FEWEST_COPIES and left[i] and len(picked) < MOST:
            picked.append(int(i))
            left &= ~near[i]
    return table.take(pa.array(picked, pa.int64())), [int(copies[i]) for i in picked]


def _typical(table: pa.Table, cluster: int) -> pa.Table:
    """Rows of a cluster that lie closest to its centre."""
    members = table.filter(pc.equal(table["_cluster"], cluster))
    return _first_of_each(members.sort_by([("_novelty", "ascending")]))


def _first_of_each(table: pa.Table) -> pa.Table:
    """The first rows, one for each text."""
    seen: dict[Any, int] = {}
    for i, key in enumerate(
        zip(table["_text"].to_pylist(), table["_content"].to_pylist(), strict=True)
    ):
        seen.setdefault(key[0] or key[1], i)
    return table.take(pa.array(list(seen.values())[:MOST], pa.int64()))


def _rows(table: pa.Table, other: pa.Table) -> list[dict[str, Any]]:
    """Rows in JSON, each with the nearest row of the other side beside it."""
    nearest: list[dict[str, Any] | None] = [None] * table.num_rows
    if table.num_rows and other.num_rows:
        distance = _squared_distances(coordinates(table), coordinates(other))
        best = other.take(pa.array(distance.argmin(axis=1)))
        nearest = [
            {"id": i, "text": t}
            for i, t in zip(best["_id"].to_pylist(), best["_text"].to_pylist(), strict=True)
        ]
    keys = ("_id", "_text", "_cluster", "_novelty")
    columns = [table[key].to_pylist() for key in keys]
    return [
        {**dict(zip(("id", "text", "cluster", "novelty"), values, strict=True)), "nearest": near}
        for *values, near in zip(*columns, nearest, strict=True)
    ]


def _squared_distances(a: Any, b: Any) -> Float64:
    """(n, m) squared distances between the rows of a (n, d) and b (m, d), rounding cut at 0."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    found = np.square(a).sum(axis=1)[:, None] - 2 * a @ b.T + np.square(b).sum(axis=1)
    return np.asarray(np.maximum(found, 0.0))
