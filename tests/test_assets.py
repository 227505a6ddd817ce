"""Templates and sample data are found in a checkout and in an installed package."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor import assets
from monitor.errors import MonitorError


def test_the_installed_folder_comes_first(tmp_path: Path) -> None:
    """Files inside the package win over files beside it."""
    package = tmp_path / "monitor"
    for place in (package / "templates", tmp_path / "templates"):
        place.mkdir(parents=True)
    assert assets.folder("templates", package) == package / "templates"


def test_a_checkout_has_it_beside_the_package(tmp_path: Path) -> None:
    """In a checkout the folder stands at the top level."""
    (tmp_path / "templates").mkdir()
    assert assets.folder("templates", tmp_path / "monitor") == tmp_path / "templates"


def test_a_missing_folder_names_both_places(tmp_path: Path) -> None:
    """The error says where it looked."""
    with pytest.raises(MonitorError) as caught:
        assets.folder("templates", tmp_path / "monitor")
    assert caught.value.message == (
        f"the folder templates is neither at {tmp_path}/monitor/templates "
        f"nor at {tmp_path}/templates"
    )
    assert caught.value.hint == "install embedding-monitor again"


@pytest.mark.parametrize("name", ["dishes_v1", "dishes_v2", "dishes_v3", "speeches"])
def test_sample_vectors_have_unit_length(name: str) -> None:
    """Each sample is 384-dimensional float16 with vectors of length one and ids of their own."""
    table = pq.read_table(assets.sample_data() / f"{name}.parquet")
    field = table.schema.field("embedding").type
    assert (field.list_size, field.value_type) == (384, pa.float16())
    vectors = table["embedding"].combine_chunks().values.to_numpy().reshape(-1, 384).astype("f4")
    assert abs((vectors**2).sum(axis=1) ** 0.5 - 1).max() < 5e-3
    assert len(set(table["id"].to_pylist())) == table.num_rows


def test_the_three_versions_share_their_ids() -> None:
    """The later versions hold the same half of the first one's items, in the same order."""
    ids = [
        pq.read_table(assets.sample_data() / f"dishes_v{n}.parquet")["id"].to_pylist()
        for n in (1, 2, 3)
    ]
    assert ids[1] == ids[2]
    assert set(ids[1]) < set(ids[0])


def test_the_samples_stay_small() -> None:
    """All samples together take at most 12 MB, in a clone and in the wheel."""
    assert sum(path.stat().st_size for path in assets.sample_data().iterdir()) <= 12_000_000
