"""Versions shown, told apart and compared from their cards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from monitor.errors import UsageError
from monitor.pipeline import Monitor
from monitor.sources import Columns

from .conftest import traffic

Save = Callable[[pa.Table, str], str]
COLUMNS = Columns(id="id", text="text")


def test_lineage_differences_and_cards(monitor: Monitor, saved: Save, tmp_path: Path) -> None:
    """Two versions, the second made from the first; their cards compare as they do."""
    for label, seed, parent in (("v1", 1, None), ("v2", 2, "v1"), ("v3", 3, "v2")):
        source = saved(traffic(3, seed=seed), f"{label}.parquet")
        monitor.snapshot("tea", label, source, COLUMNS, parent=parent)
    shown = monitor.show("tea@v3", against="tea@v1", out=tmp_path / "v3.embcard")
    assert shown["lineage"] == ["v2", "v1"]
    fields = {record["field"] for record in shown["differences"]}
    assert {"version", "digest", "parent", "card.norm_median"} <= fields
    assert "dim" not in fields
    monitor.show("tea@v1", out=tmp_path / "v1.embcard")
    cards = [str(tmp_path / f"{label}.embcard") for label in ("v1", "v3")]
    answer = monitor.compare(*cards)
    assert answer["ids"]["both"] == 400
    assert answer["cards"]["shared_ids"]["value"] == 1.0
    assert answer["cards"]["equal_rows"]["value"] == 0.0
    assert monitor.compare(cards[0], "tea@v1")["diagnosis"][0]["cause"] == "identical"


def test_a_card_that_is_not_there(monitor: Monitor) -> None:
    """The file is named."""
    with pytest.raises(UsageError) as caught:
        monitor.compare("gone.embcard", "gone.embcard")
    assert caught.value.message == "the card gone.embcard cannot be read: No such file or directory"


def test_traffic_of_an_older_version_is_named(monitor: Monitor, saved: Save) -> None:
    """The declared version comes first; the rows are the other's."""
    new, old = traffic(3, seed=1), traffic(3, seed=2)
    turned = old.set_column(
        old.column_names.index("embedding"),
        "embedding",
        pa.FixedSizeListArray.from_arrays(
            pa.array(old["embedding"].combine_chunks().flatten().to_numpy()[::-1].copy()), 16
        ),
    )
    sources = [saved(table, f"{name}.parquet") for name, table in (("new", new), ("old", turned))]
    answer = monitor.origin(sources[1], sources, COLUMNS)
    assert answer["verdict"] == "breaking"
    assert answer["versions"][1]["share"] > 0.97
    assert len(answer["row_ids"]) > 400


def test_items_without_ids_are_told(monitor: Monitor, saved: Save) -> None:
    """Where there are columns that could have been them; an array has none."""
    nameless = saved(traffic(1).drop_columns(["id"]), "a.parquet")
    assert monitor.snapshot("s", "v1", nameless)["warnings"] == [
        "no column of ids was found, so items are numbered from 0 and pair with those of other "
        "versions by their place; --id names the column"
    ]
    assert monitor.snapshot("s", "v2", saved(traffic(1), "b.parquet"))["warnings"] == []
    assert monitor.snapshot("s", "v3", np.eye(16, dtype=np.float32))["warnings"] == []
