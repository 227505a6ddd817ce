"""The version that was encoded anew in part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from monitor.assets import sample_data
from monitor.demo import write_reembedded
from monitor.demo.menu import embeddings

V1, V2 = sample_data() / "dishes_v1.parquet", sample_data() / "dishes_v2.parquet"


def test_the_truth_is_what_the_file_holds(tmp_path: Path) -> None:
    """Rows named in the truth hold v2's vectors, all others v1's, bit for bit, in v1's order."""
    story = write_reembedded(V1, V2, tmp_path / "new" / "v4.parquet")
    v1, v2, v4 = (pq.read_table(path) for path in (V1, V2, story.path))
    assert story.rows == len(v4) == len(v2) and v4.schema.equals(v1.schema)
    old = v1.filter(pc.is_in(v1["id"], v4["id"].combine_chunks()))
    assert v4.drop(["embedding"]).equals(old.drop(["embedding"]))
    assert v4["id"].equals(v2["id"])
    anew = np.isin(v4["id"].to_pylist(), story.ids)
    assert (embeddings(v4)[anew] == embeddings(v2)[anew]).all()
    assert (embeddings(v4)[~anew] == embeddings(old)[~anew]).all()
    assert (embeddings(v2)[anew] != embeddings(old)[anew]).any(axis=1).all()


def test_the_rows_are_one_stretch_and_one_category(tmp_path: Path) -> None:
    """All rows from the first to the last, and just those with the value."""
    story = write_reembedded(V1, V2, tmp_path / "v4.parquet")
    table = pq.read_table(story.path)
    assert (len(story.ids), story.first, story.last) == (486, 2014, 2499)
    assert tuple(table["id"].to_pylist()[story.first : story.last + 1]) == story.ids
    held = table[story.column].to_numpy() == story.value
    assert np.flatnonzero(held).tolist() == list(range(story.first, story.last + 1))


def test_writing_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing in it is random."""
    first = write_reembedded(V1, V2, tmp_path / "a.parquet").path
    second = write_reembedded(V1, V2, tmp_path / "b.parquet").path
    assert first.read_bytes() == second.read_bytes()
