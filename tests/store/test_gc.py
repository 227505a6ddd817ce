"""What nothing points at goes, once it is old enough; nothing else ever does."""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import MonitorError
from monitor.store import Store
from monitor.store.columns import Digest
from monitor.store.tables import metadata
from tests.store import processes
from tests.store.world import NOW, fill, hour, ingest, names, opened

pytestmark = pytest.mark.usefixtures("either")

HOUR = timedelta(hours=1)
LONG_AGO = time.time() - 7200


@pytest.fixture
def now() -> datetime:
    """Blobs are dated by the file system, so `gc` is asked with the true time."""
    return datetime.now(UTC)


def _aged(store: Store, digest: str) -> str:
    os.utime(store.blobs.path(digest), (LONG_AGO, LONG_AGO))
    return digest


def test_orphans_go(store: Store, now: datetime) -> None:
    """An old blob without a row goes, a young one stays, and a blob in use stays however old."""
    fill(store)
    used = [digest for digest, _ in store.blobs.files()]
    for digest in used:
        _aged(store, digest)
    old, young = _aged(store, store.blobs.put(b"old")), store.blobs.put(b"young")
    unfinished = store.blobs.root / "unfinished" / "tmp1"
    for path in (unfinished, unfinished.with_name("tmp2")):
        path.write_bytes(b"half")
    os.utime(unfinished, (LONG_AGO, LONG_AGO))
    report = store.gc(now, HOUR, dry_run=True)
    assert (report.blobs, report.unfinished, report.freed_bytes) == ((old,), 1, 7)
    assert (report.kept, report.dry_run) == (len(used) + 1, True)
    assert store.blobs.get(old) == b"old"
    assert store.gc(now, HOUR).blobs == (old,)
    left = {digest for digest, _ in store.blobs.files()}
    assert left == {*used, young}
    assert names([path for path, _ in store.blobs.unfinished()], "name") == ["tmp2"]
    assert list(store.problems()) == []
    assert store.gc(now, HOUR).blobs == ()


def test_the_profiles_of_a_replaced_source_go(store: Store, now: datetime) -> None:
    """What windows no longer hold needs no room."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b"})
    ingest(store, "day=1", "s2", {0: "a"})
    for digest, _ in store.blobs.files():
        _aged(store, digest)
    assert store.gc(now, HOUR).blobs == (store.blobs.put(b"b"),)
    (stored,) = store.windows("dishes", "basis-1")
    assert store.blobs.get(stored.parts[0].profile) == b"a"


def test_a_blob_put_again_is_young_again(store: Store, now: datetime) -> None:
    """A writer that finds its blob there already is as safe as one that writes it first."""
    _aged(store, store.blobs.put(b"a"))
    ingest_later = store.blobs.put(b"a")
    assert store.gc(now, HOUR).blobs == ()
    assert store.blobs.get(ingest_later) == b"a"


def test_a_kill_between_blob_and_row(store: Store, tmp_path: Path, now: datetime) -> None:
    """Leaves an orphan that `gc` removes in its time, and a whole store."""
    ingest(store, "day=1", "s1", {0: "a"})
    killed = processes.started(processes.put_then_die, tmp_path)
    assert processes.exit_codes(killed) == [-signal.SIGKILL]
    assert list(store.problems()) == []
    assert store.gc(now, HOUR).blobs == ()
    (orphan,) = store.gc(now + 2 * HOUR, HOUR).blobs
    assert names(store.windows("dishes", "basis-1"), "window") == [hour(0)]
    with pytest.raises(MonitorError):
        store.blobs.get(orphan)
    assert list(store.problems()) == []


def test_a_writer_at_work_loses_nothing(store: Store, tmp_path: Path) -> None:
    """While another process puts old content again, `gc` never takes it away under its hands."""
    for i in range(20):
        _aged(store, store.blobs.put(f"content-{i}".encode()))
    writer = processes.started(processes.put_often, tmp_path, 20)
    while writer.is_alive():
        store.gc(datetime.now(UTC), HOUR)
    assert processes.exit_codes(writer) == [0]
    assert len(store.windows("dishes", "basis-1")) == 20
    assert list(store.problems()) == []


def test_problems_names_what_is_missing_or_damaged(store: Store) -> None:
    """A sentence each."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b"})
    a, b = store.blobs.put(b"a"), store.blobs.put(b"b")
    store.blobs.path(a).unlink()
    store.blobs.path(b).write_bytes(b"c")
    found = sorted(store.problems())
    assert [line.split(":")[0] for line in found] == ["blob sha256", "blob sha256"]
    assert sum(line == f"blob {a} is missing in {store.blobs.root}" for line in found) == 1
    assert sum(line.startswith(f"blob {b} is damaged: ") for line in found) == 1


def test_every_column_that_names_a_blob_is_known_as_one() -> None:
    """`gc` finds its roots by type: these are all there are."""
    found = {
        f"{column.table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Digest)
    }
    assert found == {
        "versions.blob",
        "bases.blob",
        "parts.profile",
        "parts.traces",
        "reference_log.calibration",
        "runs.document",
    }


def test_gc_of_a_store_without_blobs(tmp_path: Path, now: datetime) -> None:
    """There is nothing to do, and nothing fails."""
    with opened(tmp_path) as store:
        report = store.gc(now, HOUR)
    assert (report.blobs, report.unfinished, report.kept) == ((), 0, 0)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(["put", "age", "point", "gc"]), st.integers(0, 2))))
def test_no_order_of_steps_loses_a_blob(steps: list[tuple[str, int]]) -> None:
    """Writers put and point while others sweep: what rows point at is there, or was refused."""
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder)) as store:
        store.ensure_space("dishes", {}, 3, NOW)
        for n, (step, which) in enumerate(steps):
            content = f"content-{which}".encode()
            digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
            if step == "put":
                store.blobs.put(content)
            elif step == "gc":
                store.gc(datetime.now(UTC), HOUR)
            elif step == "age":
                with suppress(MonitorError):
                    _aged(store, digest)
            else:
                with suppress(MonitorError):  # it was swept before: nothing is stored
                    store.add_basis("dishes", f"basis-{n}", digest, NOW)
        assert list(store.problems()) == []
