"""Rows chosen as examples, and what rows of a topic have in common."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from monitor.pipeline.companions import with_company
from monitor.pipeline.examples import near_duplicates, taught
from monitor.pipeline.maps import few_valued


def _table(y: np.ndarray, clusters: list[int], **columns: list[str]) -> pa.Table:
    n = len(y)
    rows = pa.FixedSizeListArray.from_arrays(pa.array(y.ravel(), pa.float32()), y.shape[1])
    return pa.table(
        {
            "_y": rows,
            "_count": np.ones(n, np.int64),
            "_content": np.arange(n, dtype=np.uint64),
            "_id": [f"r{i}" for i in range(n)],
            "_text": [f"text {i}" for i in range(n)],
            "_cluster": pa.array(clusters, pa.int32()),
            "_novelty": pa.array(np.linspace(0, 1, n), pa.float32()),
            **{f"column.{name}": values for name, values in columns.items()},
        }
    )


def _spread(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, 8))


def test_near_copies_are_counted_once() -> None:
    """Six rows around one place are one group; rows of their own are none."""
    y = _spread(40)
    y[:6] = y[0] + 0.01 * np.random.default_rng(1).normal(size=(6, 8))
    found, copies = near_duplicates(_table(y, [0] * 40))
    assert copies == [6]
    assert found["_id"].to_pylist()[0] in {f"r{i}" for i in range(6)}


def test_nothing_is_a_duplicate_among_few_rows() -> None:
    """No row, or one, has no copies."""
    for n in (0, 1):
        found, copies = near_duplicates(_table(_spread(n), [0] * n))
        assert (found.num_rows, copies) == (0, [])


def test_each_example_has_its_nearest_row_and_the_name_of_its_topic() -> None:
    """What grew is shown beside the reference, what shrank beside the current rows."""
    y = _spread(30)
    normal, current = _table(y, [0] * 20 + [1] * 10), _table(y, [0] * 10 + [1] * 20)
    clusters = [
        {"id": 0, "label": "soup", "reference_share": 0.6, "current_share": 0.4},
        {"id": 1, "label": "pizza", "reference_share": 0.4, "current_share": 0.6},
    ]
    found = taught(normal, current, current, clusters)
    assert {row["label"] for row in found["growing"]} == {"pizza"}
    assert {row["label"] for row in found["vanished"]} == {"soup"}
    assert all(row["nearest"]["id"] == row["id"] for row in found["growing"])
    assert found["novel"][0]["id"] == "r29"


def test_a_cause_names_what_its_rows_share() -> None:
    """Most rows of the topic that grew come from one country, which was rare before."""
    clusters = [
        {"id": 1, "label": "pizza", "reference_share": 0.1, "current_share": 0.5, "drifted": True}
    ]
    normal = _table(_spread(40), [0] * 36 + [1] * 4, country=["IT", "FR", "DE", "ES"] * 10)
    current = _table(_spread(40), [0] * 20 + [1] * 20, country=["FR"] * 20 + ["IT"] * 20)
    causes = ["50.0% of rows are in cluster “pizza”, 10.0% before", "something else"]
    assert with_company(causes, clusters, normal, current) == [
        "50.0% of rows are in cluster “pizza”, 10.0% before; mostly country = IT",
        "something else",
    ]
    assert with_company(causes, clusters, normal, normal) == causes


def test_columns_of_few_values_colour_the_map() -> None:
    """The most frequent values by name; a column of one value, or of too many, is left out."""
    countries = ["IT"] * 30 + ["FR"] * 10
    table = _table(
        _spread(40), [0] * 40, country=countries, all=["x"] * 40, own=[*map(str, range(40))]
    )
    table = table.append_column("column.more", [[str(i % 41) for i in range(40)]])
    found = few_valued(table)
    assert [one["name"] for one in found] == ["country", "own", "more"]
    assert found[0]["names"] == ["IT", "FR"]
    assert found[0]["values"] == [0] * 30 + [1] * 10
    assert found[1]["values"][8:] == [None] * 32
