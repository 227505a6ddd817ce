"""What an embedder is asked for, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.errors import UsageError
from monitor.sources import read_columns


@dataclass(frozen=True)
class Recipe:
    """The source and how it is to be embedded; what a method does not need is left alone.

    text: the column of texts or categories; weights: the source of vectors that are looked up;
    user, item, rating: the columns of ratings; pooling: mean, cls or last; layer: one hidden
    layer from 0 (the embedding layer), or `last4` for the mean of the last four.
    """

    source: Any
    dim: int = 64
    id: str | None = None
    text: str | None = None
    keep: tuple[str, ...] = ()
    weights: str | None = None
    user: str = "user"
    item: str = "item"
    rating: str = "rating"
    model: str | None = None
    pooling: str = "mean"
    layer: str = "-1"
    prefix: str = ""
    max_length: int | None = None
    normalise: bool = True
    seed: int = 0

    def rows(self) -> pa.Table:
        """The columns of ids, texts and what is kept, as strings. Raises UsageError."""
        if self.text is None:
            raise UsageError("nothing says what to embed", "name the column: --text COL")
        names = [n for n in (self.id, self.text, *self.keep) if n]
        return read_columns(self.source, names)


@dataclass(frozen=True, eq=False)
class Embedded:
    """Vectors with their ids.

    vectors: (n, d) float32, or a sparse array of scipy; rows without a vector are NaN.
    contract: what the space of these vectors is, by the keys of `[spaces.NAME]`.
    source_bytes: of what was embedded; categories: how many there are, where there are.
    """

    vectors: Any
    ids: pa.StringArray
    contract: Mapping[str, Any]
    source_bytes: int
    columns: Mapping[str, pa.Array] = field(default_factory=dict)
    categories: int | None = None
    notes: tuple[str, ...] = ()


def ids_of(rows: pa.Table, recipe: Recipe) -> pa.StringArray:
    """The ids of the rows, their numbers where no column is named."""
    if recipe.id is None:
        return pa.array([str(i) for i in range(len(rows))])
    return rows[recipe.id].combine_chunks()


def kept(rows: pa.Table, recipe: Recipe) -> dict[str, pa.Array]:
    """The text and the columns to keep, by name."""
    names = [n for n in (recipe.text, *recipe.keep) if n and n not in (recipe.id, "embedding")]
    return {name: rows[name].combine_chunks() for name in names}


def normalised(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Rows of unit length; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)
