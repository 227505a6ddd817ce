"""Real embeddings of the same items by several encoders, from the sample data or a folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.assets import sample_data
from monitor.batch import Items

Vectors = npt.NDArray[np.float32]

FILES = {
    "usda": ("usda5000_minilm", "usda5000_minilm_last4", "usda5000_minilm_int8"),
    "foods": ("ciqual_en_minilm", "ciqual_en_e5q4", None),
    "aliments": ("ciqual_fr_e5q4", "ciqual_fr_minilm", None),
    "films": (
        "movielens_items_t1_2010_als32_seed0",
        "movielens_items_t1_2010_als32_seed1",
        None,
    ),
}
"""By name: the files of items, of the same by another encoder, and of an int8 export."""


@dataclass(frozen=True, eq=False)
class World:
    """Items `a`, the same by another encoder, and by an int8 export where there is one.

    All float32 at unit length, rows of all three in the order of `a`.
    """

    a: Items
    other: Vectors
    export: Vectors | None


@cache
def read(path: Path) -> Items:
    """A Parquet file of items; vectors as stored."""
    table = pq.read_table(path).combine_chunks()
    column = table["embedding"].combine_chunks()
    vectors = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, column.type.list_size)
    others = [c for c in table.column_names if c not in ("id", "embedding")]
    columns = {c: table[c].combine_chunks() for c in others}
    ids = table["id"].combine_chunks().cast(pa.string())
    return Items(ids, vectors, columns, name=path.stem)


def unit(vectors: npt.NDArray[Any]) -> Vectors:
    """Rows at unit length, float32."""
    wide = vectors.astype(np.float64)
    return (wide / np.linalg.norm(wide, axis=1, keepdims=True)).astype(np.float32)


@cache
def world(name: str = "dishes", data: Path | None = None) -> World:
    """The items that all files of a world have; `dishes` are the sample data."""
    if name == "dishes":
        paths = [sample_data() / f"dishes_v{i}.parquet" for i in (1, 2, 3)]
    else:
        assert data is not None, f"{name} needs --data"
        paths = [data / f"{file}.parquet" for file in FILES[name] if file]
    sides = [read(path) for path in paths]
    at = [{id_: i for i, id_ in enumerate(side.ids.to_pylist())} for side in sides]
    ids = [id_ for id_ in sides[1].ids.to_pylist() if all(id_ in places for places in at)]
    rows = [np.array([places[id_] for id_ in ids]) for places in at]
    full = np.all([side.vectors[r].any(axis=1) for side, r in zip(sides, rows, strict=True)], 0)
    vectors = [unit(side.vectors[r[full]]) for side, r in zip(sides, rows, strict=True)]
    keep = pa.array(rows[0][full])
    columns = {name: values.take(keep) for name, values in sides[0].columns.items()}
    a = Items(sides[0].ids.take(keep), vectors[0], columns, name="a")
    return World(a, vectors[1], vectors[2] if len(vectors) > 2 else None)
