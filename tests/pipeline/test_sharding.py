"""Traffic profiled in shards ends in the very rows that one process stores."""

from __future__ import annotations

import errno
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from monitor.config import Config
from monitor.errors import UsageError
from monitor.pipeline import Monitor
from monitor.sources import Columns
from tests.pipeline.conftest import stored_bytes, traffic

COLUMNS = Columns(at="at", entity="user", text="text")


@pytest.fixture
def pattern(saved: Callable[[pa.Table, str], str], tmp_path: Path) -> str:
    """Five days of traffic, a file each."""
    rows = traffic(5, rows=80)
    for day in range(5):
        saved(rows.slice(80 * day, 80), f"days/{day}.parquet")
    return str(tmp_path / "days" / "*.parquet")


def monitored(root: Path, pattern: str) -> Monitor:
    """A store that has the first day, and so a basis."""
    root.mkdir()
    monitor = Monitor(Config(root=root))
    monitor.ingest("q", pattern.replace("*", "0"), COLUMNS)
    return monitor


def held(monitor: Monitor) -> tuple[Any, list[str]]:
    """Windows and their parts, and every blob."""
    blobs = monitor.workspace.store.blobs
    return stored_bytes(monitor, "q"), sorted(digest for digest, _ in blobs.files())


def test_shards_merged_are_the_bytes_of_one_pass(tmp_path: Path, pattern: str) -> None:
    """Three shards of five files, merged in any order and twice, store what `ingest` stores."""
    one, other = monitored(tmp_path / "one", pattern), monitored(tmp_path / "other", pattern)
    for day in range(1, 5):
        one.ingest("q", pattern.replace("*", str(day)), COLUMNS)
    parts = [tmp_path / f"{i}.profiles" for i in (1, 2, 3)]
    made = [
        other.profile("q", pattern, COLUMNS, out=out, shard=(i, 3))
        for i, out in enumerate(parts, start=1)
    ]
    assert [len(answer["files"]) for answer in made] == [2, 2, 1]
    assert sum(answer["rows"] for answer in made) == 400
    for paths in (parts[::-1], parts):
        assert other.merge("q", paths)["rows"] == 400
        assert held(other) == held(one)


def test_a_shard_of_another_basis_is_refused(tmp_path: Path, pattern: str) -> None:
    """Its profiles could not be added to those that are there."""
    one, out = monitored(tmp_path / "one", pattern), tmp_path / "part"
    one.profile("q", pattern, COLUMNS, out=out)
    (tmp_path / "other").mkdir()
    other = Monitor(Config(root=tmp_path / "other"))
    other.ingest("q", pattern.replace("*", "3"), COLUMNS)
    with pytest.raises(UsageError) as caught:
        other.merge("q", [out])
    assert caught.value.message == f"{out} was made in another basis than space 'q' has now"
    assert caught.value.hint == "profile its files again"


def test_what_is_no_profile_is_refused(tmp_path: Path, pattern: str) -> None:
    """The hint says what makes one."""
    monitor, path = monitored(tmp_path / "one", pattern), tmp_path / "part"
    path.write_bytes(b"rows")
    with pytest.raises(UsageError) as caught:
        monitor.merge("q", [path])
    assert caught.value.message == f"{path} holds no profiles: File is not a zip file"


def test_a_space_without_a_basis_cannot_be_profiled(tmp_path: Path, pattern: str) -> None:
    """Tasks that fitted one each would make profiles that do not add up."""
    monitor = Monitor(Config(root=tmp_path))
    monitor.workspace.store.ensure_space("q", {}, 8, monitor.workspace.now())
    with pytest.raises(UsageError) as caught:
        monitor.profile("q", pattern, COLUMNS, out=tmp_path / "part")
    assert caught.value.message == "space 'q' has no basis yet to profile in"


def test_what_would_not_fit_into_memory_is_not_read(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of profiles that says it unfolds to more than a profile ever takes is refused."""
    monitor = monitored(tmp_path / "m", pattern)
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("000000", bytes(1_000_000))
    monkeypatch.setattr("monitor.pipeline.sharding.LARGEST", 999_999)
    with pytest.raises(UsageError, match="000000 would take 1,000,000 bytes"):
        monitor.merge("q", [tmp_path / "bomb"])


def test_a_fault_of_the_store_is_not_one_of_the_file(
    tmp_path: Path, pattern: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is told as one."""
    monitor = monitored(tmp_path / "m", pattern)
    monitor.profile("q", pattern, COLUMNS, shard=(1, 1), out=tmp_path / "all")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("monitor.pipeline.sharding.keep", full)
    with pytest.raises(OSError, match="No space left on device"):
        monitor.merge("q", [tmp_path / "all"])


def test_shards_of_windows_of_another_length_are_refused(tmp_path: Path, pattern: str) -> None:
    """Both were made when the space had no windows yet, in the basis of a version; nothing of the
    second is kept."""
    monitor = Monitor(Config(root=tmp_path))
    monitor.snapshot("q", "v1", pattern, Columns(id="id"))
    monitor.reference("q", version="v1")
    days, hours = tmp_path / "days.profiles", tmp_path / "hours.profiles"
    monitor.profile("q", pattern, COLUMNS, out=days)
    monitor.profile("q", pattern, COLUMNS, out=hours, every="1h")
    monitor.merge("q", [days])
    before = held(monitor)
    with pytest.raises(UsageError) as caught:
        monitor.merge("q", [hours])
    assert caught.value.message == "the windows of 'q' are 1d long, not 1h"
    assert held(monitor) == before
