"""2-D maps for reports, from the sampled rows that profiles keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Float32, Items
from monitor.pipeline.workspace import Workspace, plain
from monitor.profiles import Profile
from monitor.stats.sample import COLUMN, coordinates

if TYPE_CHECKING:
    from monitor.versions.findings import Cause

PAIRS = 2000
NEAR = 5
"""Neighbours of each row that a map of two versions tells, among the rows it draws."""
SEED = 0
FEW_VALUES, TOLD_VALUES, COLOURS = 40, 8, 4
"""A column colours a map if it has so few values; so many of them are named, of so many columns."""

Method = Literal["umap", "pca"]
Drawn = Callable[[], dict[str, Any] | None]
"""Waits for a map that is being drawn."""


def traffic_map(
    workspace: Workspace, reference: Profile, current: Profile, method: Method | None = None
) -> Drawn:
    """Begins to draw reference and current sample on one map, half of the points each, by
    `method` or as configured."""
    method = method or _configured(workspace)
    sides = [side.sample.kept for side in (reference, current)]
    if method is None or not all(side.num_rows for side in sides):
        return lambda: None
    from monitor.projection import joint_rows

    # Rows are in order of hash, so the first of them are a random sample.
    sides = [side.slice(0, workspace.config.report.points // 2) for side in sides]
    drawn = _drawn(workspace, joint_rows(*(coordinates(side) for side in sides)), method)
    table = pa.concat_tables(sides, promote_options="permissive")
    split = np.repeat([0, 1], [side.num_rows for side in sides])

    def told() -> dict[str, Any]:
        xy = drawn()
        return {
            "method": method,
            "seed": SEED,
            "dimensions": int(reference.moments.total.shape[0]),
            "points": plain(
                {
                    "x": xy[:, 0].round(4),
                    "y": xy[:, 1].round(4),
                    "split": split,
                    "cluster": table["_cluster"].to_pylist(),
                    "novelty": np.round(table["_novelty"].to_numpy(), 4),
                    "text": table["_text"].to_pylist(),
                    "id": table["_id"].to_pylist(),
                    "at": seconds(table["_at"]),
                    "columns": few_valued(table),
                }
            ),
        }

    return told


def seconds(at: pa.ChunkedArray) -> list[float | None]:
    """Times as seconds since 1970."""
    micros = at.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_pylist()
    return [None if value is None else value / 1e6 for value in micros]


def few_valued(table: pa.Table) -> list[dict[str, Any]]:
    """The user's columns that have few values, to colour a map by: the most frequent values, and
    for each row the place of its own among them, null for any other."""
    found: list[dict[str, Any]] = []
    for name in table.column_names:
        values = table[name].to_pylist() if name.startswith(COLUMN) else []
        counts = Counter(value for value in values if isinstance(value, str))
        if not 2 <= len(counts) <= FEW_VALUES or len(found) == COLOURS:
            continue
        names = [value for value, _ in counts.most_common(TOLD_VALUES)]
        place = {value: i for i, value in enumerate(names)}
        codes = [place.get(value) for value in values]
        found.append({"name": name.removeprefix(COLUMN), "names": names, "values": codes})
    return found


def versions_map(
    workspace: Workspace, a: Items, b: Items, method: Method | None = None
) -> dict[str, Any] | None:
    """The same items in both versions on two aligned maps, by `method` or as configured."""
    method = method or _configured(workspace)
    if method is None:
        return None
    from monitor.projection import paired_rows

    at = {one: i for i, one in enumerate(b.ids.to_pylist())}
    pairs = [(i, at[one]) for i, one in enumerate(a.ids.to_pylist()) if one in at]
    order = np.random.default_rng(SEED).permutation(len(pairs))[:PAIRS]
    rows = np.array([pairs[i] for i in np.sort(order)], np.intp).reshape(-1, 2)
    left = np.asarray(a.vectors[rows[:, 0]], np.float32)
    right = np.asarray(b.vectors[rows[:, 1]], np.float32)
    fine = np.isfinite(left).all(axis=1) & np.isfinite(right).all(axis=1)
    rows, left, right = rows[fine], left[fine], right[fine]
    if len(rows) < 3:
        return None
    both = _drawn(workspace, paired_rows(_principal(left), _principal(right)), method)()
    xy_a, xy_b = np.split(both, 2)
    texts = a.columns.get("text")
    index = pa.array(rows[:, 0])
    found: dict[str, Any] = plain(
        {
            "method": method,
            "points_a": {"x": xy_a[:, 0].round(4), "y": xy_a[:, 1].round(4)},
            "points_b": {"x": xy_b[:, 0].round(4), "y": xy_b[:, 1].round(4)},
            "id": a.ids.take(index).to_pylist(),
            "text": None if texts is None else texts.take(index).to_pylist(),
            "moved": np.linalg.norm(xy_a - xy_b, axis=1).round(4),
            "near_a": _near(left),
            "near_b": _near(right),
        }
    )
    return found


def index_map(
    workspace: Workspace, index: Items, findings: Sequence[Cause], method: Method | None = None
) -> dict[str, Any] | None:
    """One index on a map, each row with the first finding that names it, by `method` or as
    configured; None where no row with a place is named. At most half of the points are rows that
    are named; zero rows and rows that are not finite have no place."""
    method, found = method or _configured(workspace), _found(index, findings)
    rows = _told_first(found >= 0)
    vectors = np.asarray(index.vectors[rows], np.float32)
    fine = np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
    rows, vectors = rows[fine], vectors[fine]
    if method is None or len(rows) < 3 or (found[rows] < 0).all():
        return None
    xy = _drawn(workspace, _principal(vectors), method)()
    at = pa.array(rows)
    columns = {COLUMN + name: values.take(at) for name, values in index.columns.items()}
    points = {
        "x": xy[:, 0].round(4),
        "y": xy[:, 1].round(4),
        "id": index.ids.take(at).to_pylist(),
        "text": _texts(index, at),
        "columns": [_coloured(found[rows], findings), *few_valued(pa.table(columns))],
    }
    told = {"method": method, "seed": SEED, "dimensions": vectors.shape[1], "points": plain(points)}
    return {**told, "without_place": int((~fine).sum())}


def _found(index: Items, findings: Sequence[Cause]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """For each of n rows the place of the first finding that names it, −1 for none."""
    found = np.full(len(index), -1, np.intp)
    for place, finding in reversed(list(enumerate(findings))):
        if finding.row_ids is not None:
            found[pc.is_in(index.ids, finding.row_ids).to_numpy(zero_copy_only=False)] = place
    return found


def _told_first(named: np.ndarray[Any, np.dtype[np.bool]]) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The rows to draw, in order: at most half of them are named ones."""
    order = np.random.default_rng(SEED).permutation(len(named))
    some = order[named[order]][: PAIRS // 2]
    return np.sort(np.concatenate([some, order[~named[order]][: PAIRS - len(some)]]))


def _coloured(
    found: np.ndarray[Any, np.dtype[np.intp]], findings: Sequence[Cause]
) -> dict[str, Any]:
    """The findings as a column, see `few_valued`."""
    drawn, codes = np.unique(found, return_inverse=True)
    first = int((drawn < 0).any())
    told = [findings[place] for place in drawn[first:]]
    return {
        "name": "finding",
        "names": [f.cause if f.where is None else f"{f.cause}, {f.where}" for f in told],
        "values": [None if code < first else int(code) - first for code in codes],
    }


def _texts(index: Items, at: pa.Array) -> list[str] | None:
    from monitor.versions import text_column

    name = text_column(index)
    texts: list[str] | None = None if name is None else index.columns[name].take(at).to_pylist()
    return texts


def _near(vectors: Float32) -> np.ndarray[Any, np.dtype[np.intp]]:
    """(n, 5) places of the nearest other rows by cosine, the nearest first; fewer of few rows."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, -np.inf)
    return np.argsort(-cosine, axis=1, kind="stable")[:, : min(NEAR, len(vectors) - 1)]


def _configured(workspace: Workspace) -> Method | None:
    method = workspace.config.report.map
    return None if method == "none" else method


def _drawn(workspace: Workspace, rows: Float32, method: Method) -> Callable[[], Float32]:
    """Begins to draw `rows`; what is returned waits for their map."""
    from monitor.projection import principal_map

    workspace.progress("drawing the map", 0, None)
    if method == "umap":
        return workspace.umap.asked(rows, SEED)
    return lambda: principal_map(rows)


def _principal(vectors: np.ndarray[Any, np.dtype[np.float32]], p: int = 64) -> Any:
    """The vectors (n, d) along their leading principal directions (n, min(p, d))."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    return np.ascontiguousarray(centred @ axes[:, ::-1][:, :p])
