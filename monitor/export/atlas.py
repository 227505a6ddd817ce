"""The map of a report and its topics as Apple's embedding-atlas opens them: two Parquet files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.errors import UsageError


def write_atlas(run: Mapping[str, Any], folder: Path) -> int:
    """Writes `map.parquet`, the rows of a report's map, and `labels.parquet`, its topics' names,
    into the folder; how many rows the map has.

    run: the JSON beside a report of traffic. The map has x, y, text, id, at, side (reference or
    current), topic, novelty, and the columns that the report can be coloured by. A topic's name
    stands at the median of its rows, the larger topics first. Raises UsageError without a map.
    """
    points = (run.get("map") or {}).get("points")
    if points is None:
        raise UsageError(
            "this run holds no map of traffic",
            "take the JSON beside a report: reports/SPACE/WINDOW.json",
        )
    names = {one["id"]: one["label"] for one in _clusters(run) if one.get("label")}
    columns = {
        **{axis: pa.array(points[axis], pa.float32()) for axis in ("x", "y")},
        **{name: pa.array(points[name], pa.string()) for name in ("text", "id")},
        "at": pa.array(_moments(points["at"]), pa.timestamp("us", "UTC")),
        "side": pa.array([("reference", "current")[side] for side in points["split"]]),
        "topic": pa.array([names.get(one) for one in points["cluster"]], pa.string()),
        "novelty": pa.array(points["novelty"], pa.float32()),
    }
    rows = pa.table({**{one["name"]: _values(one) for one in points["columns"]}, **columns})
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, folder / "map.parquet")
    pq.write_table(_labels(rows), folder / "labels.parquet")
    return int(rows.num_rows)


def _clusters(run: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The topics of a window, or of two sources."""
    found: Sequence[Mapping[str, Any]] = (run.get("windows") or [run])[-1]["clusters"]
    return found


def _moments(seconds: Sequence[float | None]) -> list[int | None]:
    return [None if second is None else round(second * 1e6) for second in seconds]


def _values(column: Mapping[str, Any]) -> pa.Array:
    """A column by its frequent values; null for any other."""
    return pa.array(column["names"], pa.string()).take(pa.array(column["values"], pa.int32()))


def _labels(rows: pa.Table) -> pa.Table:
    topics = rows["topic"].to_numpy()
    xy = np.stack([rows["x"].to_numpy(), rows["y"].to_numpy()], axis=1)
    counts = rows["topic"].drop_null().value_counts().to_pylist()
    middles = [np.median(xy[topics == one["values"]], axis=0) for one in counts]
    return pa.table(
        {
            "x": pa.array([float(middle[0]) for middle in middles], pa.float32()),
            "y": pa.array([float(middle[1]) for middle in middles], pa.float32()),
            "text": pa.array([one["values"] for one in counts], pa.string()),
            "priority": pa.array([one["counts"] for one in counts], pa.int64()),
        }
    )
