"""Objects in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitor.errors import SourceError
from monitor.sources import Columns, open_source
from tests.sources import samples


class Stream:
    """What polars and DuckDB objects offer: a stream, with string views and large lists."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.table.__arrow_c_stream__(requested_schema)


def test_what_speaks_arrow() -> None:
    """Any object with a stream; a reader, which gives it once, is held."""
    table = samples.table(shape="large_list")
    views = table.set_column(0, "id", table["id"].cast(pa.string_view()))
    right = samples.read(open_source(table))
    for what in (Stream(views), table.to_batches()[0], table.to_reader()):
        source = open_source(what)
        assert (source.rows, source.name) == (samples.N, f"in-memory {type(what).__name__}")
        for _ in range(2):
            found = samples.read(source)
            np.testing.assert_array_equal(found["vectors"], right["vectors"])
            assert found["ids"] == right["ids"]


def test_frames() -> None:
    """A frame of numbers alone, and one of lists; the index of the rows is of no matter."""
    numbers = pd.DataFrame(samples.values()).iloc[::-1]
    assert samples.read(open_source(numbers))["vectors"].tolist() == numbers.to_numpy().tolist()
    frame = pd.DataFrame({"id": [7, 8], "vec": [[1, 2], None], "text": ["a", None]})
    found = samples.read(open_source(frame, Columns(text="text")))
    assert (found["ids"], found["columns"]) == (["7", "8"], {"text": ["a", None]})
    assert (found["vectors"].tolist(), found["status"]) == ([[1, 2], [0, 0]], [0, 1])
    mixed = pd.DataFrame({"vec": [[1, 2], "x"]})
    with pytest.raises(SourceError, match=r"^in-memory DataFrame cannot be read: "):
        open_source(mixed)


@pytest.mark.parametrize("what", [None, 3, [[1.0, 2.0]], np.ma.masked_array([[1.0]], [[True]])])
def test_what_is_no_source(what: object) -> None:
    """Lists are ambiguous, and masks would be lost."""
    with pytest.raises(SourceError) as caught:
        open_source(what)
    assert samples.said(caught.value) == (
        f"an object of type {type(what).__name__} is no source | "
        "give a path, a NumPy array of shape (n, d), or a pandas, polars or pyarrow table"
    )


def test_digest_is_of_the_content() -> None:
    """Chunks, slices and the kind of object do not count; a value, a null, a name do."""
    table = samples.table().select(["id", "embedding", "words"])
    columns = Columns(text="words")
    same = [table, pa.concat_tables([table.slice(0, 9), table.slice(9)]), Stream(table)]
    same.append(pa.concat_tables([table, table]).slice(samples.N))
    digests = {open_source(what, columns).digest() for what in same}
    assert len(digests) == 1 and digests.pop().startswith("sha256:")
    ids = table["id"].to_pylist()
    others = [
        table,
        table.slice(1),
        table.set_column(0, "id", pa.array([None, *ids[1:]])),
        table.set_column(0, "id", pa.array(["", *ids[1:]])),
        table.set_column(0, "id", pa.array([ids[0] + ids[1], "", *ids[2:]])),
        table.rename_columns(["other", "embedding", "words"]),
    ]
    assert len({open_source(what, columns).digest() for what in others}) == len(others)
