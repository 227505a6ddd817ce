"""Tables of sampled rows put together, whatever their columns' types."""

from __future__ import annotations

import pyarrow as pa
import pytest

from monitor.stats.tables import joined, order


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (pa.array([1], pa.int32()), pa.array([2.5]), [1.0, 2.5]),
        (pa.array([2**60]), pa.array([1.0]), [2.0**60, 1.0]),
        (pa.array([True]), pa.array([3]), ["true", "3"]),
        (pa.array(["a"]).dictionary_encode(), pa.array(["b"]), ["a", "b"]),
        (pa.array([["x"]]), pa.array(["b"]), ["['x']", "b"]),
        (pa.array([b"\xff"]), pa.array([None], pa.int8()), [r"b'\xff'", None]),
        (pa.array([1], pa.date32()), pa.array(["b"]), ["1970-01-02", "b"]),
        (pa.nulls(1), pa.array([7]), [None, 7]),
    ],
    ids=["numbers", "large", "bool", "dictionary", "list", "bytes", "date", "null"],
)
def test_unlike_types_become_double_or_text(
    left: pa.Array, right: pa.Array, expected: list[object]
) -> None:
    """Either way round the values are the same."""
    a, b = pa.table({"x": left}), pa.table({"x": right})
    assert joined(a, b)["x"].to_pylist() == expected
    assert joined(b, a)["x"].to_pylist() == expected[::-1]


def test_columns_without_an_order_break_no_ties() -> None:
    """Rows sort by what can be compared; lists and dictionaries are passed over."""
    table = pa.table(
        {
            "k": [1, 1, 0],
            "tags": pa.array([["z"], ["a"], ["b"]]),
            "kind": pa.array(["z", "a", "b"]).dictionary_encode(),
            "half": pa.array([3, 1, 2], pa.float16()),
            "name": ["b", "a", None],
        }
    )
    assert order(table, table.column_names).to_pylist() == [2, 1, 0]
