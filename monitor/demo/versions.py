"""A version that a job encoded anew in part, as it would leave it when it was cut short."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.demo.menu import embedding_column, embeddings

COLUMN, VALUE = "kind", "sr_legacy_food"
"""The dishes that the job reached: one survey, which stands in one stretch of the file."""


@dataclass(frozen=True)
class ReembeddedStory:
    """Where the version is, and what truly happened to it.

    rows: of the file; ids: of the rows with the other encoder's vectors, in the file's order;
    first, last: their row numbers, all rows between them included; column, value: what they
    and no other rows have in common.
    """

    path: Path
    rows: int
    ids: tuple[str, ...]
    first: int
    last: int
    column: str
    value: str


def write_reembedded(v1: Path, v2: Path, out: Path) -> ReembeddedStory:
    """Writes `v1`'s dishes that `v2` has too, in `v1`'s order and with its columns; those of one
    survey hold `v2`'s vectors, all others their old ones, bit for bit."""
    other = pq.read_table(v2, columns=["id", "embedding"])
    own = pq.read_table(v1)
    own = own.filter(pc.is_in(own["id"], other["id"].combine_chunks()))
    anew = own[COLUMN].to_numpy() == VALUE
    vectors = embeddings(own).copy()
    at = pc.index_in(own["id"], other["id"].combine_chunks()).to_numpy()
    vectors[anew] = embeddings(other)[at[anew]]
    index = own.schema.get_field_index("embedding")
    out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        own.set_column(index, "embedding", embedding_column(vectors)), out, compression="zstd"
    )
    rows = np.flatnonzero(anew)
    ids = own["id"].take(pa.array(rows)).to_pylist()
    return ReembeddedStory(out, len(own), tuple(ids), int(rows[0]), int(rows[-1]), COLUMN, VALUE)
