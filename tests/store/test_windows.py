"""Whatever is ingested, how often and in what order: a window holds each row once."""

from __future__ import annotations

import random
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import MonitorError, UsageError
from monitor.model import Window
from monitor.store import ChangedWindows, InputRow, Store
from tests.store import processes
from tests.store.world import NOW, hour, ingest, names, part, run, verdict

pytestmark = pytest.mark.usefixtures("either")


def _contents(store: Store, basis: str = "basis-1") -> dict[int, list[str]]:
    """Contents by hour, as the windows tell them."""
    found = store.windows("dishes", basis)
    return {
        int((stored.window.start - NOW) / timedelta(hours=1)): names(stored.parts, "content_digest")
        for stored in found
    }


def test_a_first_source(store: Store) -> None:
    """Its windows come back with their rows, their blobs and revision 1."""
    assert not store.ingested("dishes", "s1")
    changed = ingest(store, "day=1", "s1", {1: "b", 0: "a"})
    assert changed == ChangedWindows((hour(0), hour(1)), added=2)
    assert store.ingested("dishes", "s1")
    first, second = store.windows("dishes", "basis-1")
    assert (first.window, first.rows, first.revision) == (hour(0), 3, 1)
    (ref,) = first.parts
    assert (ref.rows, ref.traces, ref.source_key) == (3, None, "day=1")
    assert store.blobs.get(ref.profile) == b"a"
    assert second.window == hour(1)


def test_some_of_the_windows(store: Store) -> None:
    """The first, the last, those that hold a moment; windows that lost their rows are none."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b", 2: "c"})
    ingest(store, "day=2", "s2", {3: "d"})
    ingest(store, "day=2", "s3", {})
    dishes = "dishes", "basis-1"
    assert names(store.windows(*dishes, first=2), "window") == [hour(0), hour(1)]
    assert names(store.windows(*dishes, last=2), "window") == [hour(1), hour(2)]
    assert names(store.windows(*dishes, end=hour(1).end, last=1), "window") == [hour(1)]
    assert names(store.windows_at(*dishes, hour(1).start), "window") == [hour(1)]
    assert store.windows_at(*dishes, hour(3).start) == []


def test_windows_that_wait_for_a_verdict(store: Store) -> None:
    """Those whose present content this monitor has not judged, by what it said last."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b", 2: "c", 3: "d"})

    def waiting() -> list[Window]:
        ends = hour(1).start, hour(3).end
        return names(store.unjudged("dishes", "basis-1", "m", *ends), "window")

    other = verdict(3, monitor="other", content=1)
    store.record_check(run("r1"), [verdict(1, content=1), verdict(2, content=1), other])
    assert waiting() == [hour(3)]
    ingest(store, "day=1", "s2", {0: "a", 1: "B", 2: "c", 3: "d"})
    assert waiting() == [hour(1), hour(3)]
    another = verdict(1, content=2, config_digest="config-2")
    store.record_check(run("r2", 1), [another])
    assert waiting() == [hour(3)]


def test_the_same_source_twice(store: Store) -> None:
    """Changes nothing, and says so."""
    ingest(store, "day=1", "s1", {0: "a"})
    before = store.windows("dishes", "basis-1")
    assert ingest(store, "day=1", "s1", {0: "a"}) == ChangedWindows()
    assert store.windows("dishes", "basis-1") == before


def test_a_replaced_source(store: Store) -> None:
    """New content under a known key takes the place of the old; equal windows do not change."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b", 2: "c"})
    changed = ingest(store, "day=1", "s2", {0: "a", 1: "B", 3: "d"})
    assert changed == ChangedWindows((hour(1), hour(2), hour(3)), added=2, removed=2)
    assert _contents(store) == {0: ["a"], 1: ["B"], 3: ["d"]}
    assert names(store.windows("dishes", "basis-1"), "revision") == [1, 2, 1]
    assert (store.ingested("dishes", "s1"), store.ingested("dishes", "s2")) == (False, True)


def test_a_source_that_turns_back(store: Store) -> None:
    """Content that was replaced once is new again, and the revision goes on."""
    for digest, content in (("s1", "a"), ("s2", "b"), ("s1", "a")):
        assert ingest(store, "day=1", digest, {0: content}).windows == (hour(0),)
    assert _contents(store) == {0: ["a"]}
    assert names(store.windows("dishes", "basis-1"), "revision") == [3]


def test_late_rows(store: Store) -> None:
    """Rows that come later in another file are a further part of their window."""
    ingest(store, "day=1", "s1", {0: "b"})
    assert ingest(store, "late", "s2", {0: "a"}) == ChangedWindows((hour(0),), added=1)
    (stored,) = store.windows("dishes", "basis-1")
    assert (stored.rows, stored.revision) == (6, 2)
    assert names(stored.parts, "content_digest") == ["a", "b"]


def test_the_same_rows_under_another_name(store: Store) -> None:
    """A copied file counts once, and goes on counting when the first copy is gone."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b"})
    changed = ingest(store, "copy of day=1", "s1", {0: "a", 1: "b"})
    assert changed == ChangedWindows(skipped=2)
    assert _contents(store) == {0: ["a"], 1: ["b"]}
    assert ingest(store, "day=1", "s2", {0: "c"}) == ChangedWindows((hour(0),), added=1)
    assert _contents(store) == {0: ["a", "c"], 1: ["b"]}


def test_a_file_that_became_a_copy_of_another(store: Store) -> None:
    """It loses its own rows; asked with the key, `ingested` does not call it known."""
    ingest(store, "day=1", "s1", {0: "a"})
    ingest(store, "day=2", "s2", {1: "b"})
    assert store.ingested("dishes", "s1")
    assert not store.ingested("dishes", "s1", "day=2")
    changed = ingest(store, "day=2", "s1", {0: "a"})
    assert changed == ChangedWindows((hour(1),), removed=1, skipped=1)
    assert _contents(store) == {0: ["a"]}


def test_a_source_without_usable_rows(store: Store) -> None:
    """It is remembered as read, and nothing else."""
    assert ingest(store, "empty", "s0", {}) == ChangedWindows()
    assert store.ingested("dishes", "s0")
    assert store.windows("dishes", "basis-1") == []


def test_the_span_asked_for(store: Store) -> None:
    """Only windows that lie wholly inside come back."""
    ingest(store, "day=1", "s1", {n: f"c{n}" for n in range(5)})
    half = timedelta(minutes=30)
    found = store.windows("dishes", "basis-1", hour(1).start, hour(3).end)
    assert names(found, "window") == [hour(1), hour(2), hour(3)]
    found = store.windows("dishes", "basis-1", hour(1).start - half, hour(3).end - half)
    assert names(found, "window") == [hour(1), hour(2)]


def test_each_basis_has_windows_of_its_own(store: Store) -> None:
    """After a new basis every source is to be read again, and the old windows stay."""
    ingest(store, "day=1", "s1", {0: "a"})
    store.add_basis("dishes", "basis-2", store.blobs.put(b"basis 2"), NOW)
    assert not store.ingested("dishes", "s1")
    source = InputRow("day=1", "s1", 3)
    store.add_parts("dishes", "basis-2", source, [part(store, "day=1", 0, "a")], NOW)
    assert store.ingested("dishes", "s1")
    assert _contents(store, "basis-2") == _contents(store, "basis-1") == {0: ["a"]}


def test_any_history_of_files_ends_in_what_the_files_hold(store: Store) -> None:
    """After 60 random changes of 4 files the windows are those of the files as they are now."""
    rng = random.Random(7)
    files: dict[str, tuple[str, dict[int, str]]] = {}
    for _ in range(60):
        key = rng.choice("pqrs")
        held = {n: rng.choice("abc") for n in rng.sample(range(4), rng.randint(0, 4))}
        before = _contents(store)
        files[key] = (str(sorted(held.items())), held)
        changed = ingest(store, key, *files[key])
        after = _contents(store)
        touched = {n for n in range(4) if before.get(n) != after.get(n)}
        assert changed.windows == tuple(hour(n) for n in sorted(touched))
    expected: dict[int, set[str]] = {}
    for _, held in files.values():
        for n, content in held.items():
            expected.setdefault(n, set()).add(content)
    assert _contents(store) == {n: sorted(expected[n]) for n in sorted(expected)}


def test_the_order_of_ingestion_leaves_no_trace(store: Store, tmp_path: Path) -> None:
    """Two stores that got the same files in another order hand out equal parts in equal order."""
    files = [("p", "s1", {0: "b", 1: "x"}), ("q", "s2", {0: "a"}), ("r", "s3", {0: "c", 1: "x"})]
    for file in files:
        ingest(store, *file)
    first = store.windows("dishes", "basis-1")
    store.add_basis("dishes", "basis-2", store.blobs.put(b"basis 2"), NOW)
    for key, digest, held in reversed(files):
        parts = [part(store, key, n, content) for n, content in held.items()]
        store.add_parts("dishes", "basis-2", InputRow(key, digest, 3), parts, NOW)
    assert names(store.windows("dishes", "basis-2"), "parts") == names(first, "parts")


def test_a_kill_while_a_source_is_replaced(store: Store, tmp_path: Path) -> None:
    """The old parts are all there, and the same command again does its work."""
    ingest(store, "day=1", "s1", {0: "a", 1: "b"})
    before = store.windows("dishes", "basis-1")
    killed = processes.started(processes.add_parts_then_die, tmp_path)
    assert processes.exit_codes(killed) == [-signal.SIGKILL]
    assert store.windows("dishes", "basis-1") == before
    ingest(store, "day=1", "source-2", {0: "other"})
    assert _contents(store) == {0: ["other"]}


def test_parts_that_cannot_be_added(store: Store) -> None:
    """An unknown basis, a foreign key, a missing blob: each is told, and nothing is kept."""
    source, fine = InputRow("day=1", "s1", 3), part(store, "day=1", 0, "a")
    with pytest.raises(UsageError) as caught:
        store.add_parts("dishes", "basis-9", source, [fine], NOW)
    assert caught.value.message == "space 'dishes' has no basis basis-9"
    with pytest.raises(MonitorError) as foreign:
        store.add_parts("dishes", "basis-1", source, [part(store, "day=2", 0, "a")], NOW)
    assert foreign.value.message == "a part of 'day=2' came with the source 'day=1'"
    store.blobs.path(fine.profile).unlink()
    with pytest.raises(MonitorError) as missing:
        store.add_parts("dishes", "basis-1", source, [fine], NOW)
    assert missing.value.message == f"blob {fine.profile} is missing in {store.blobs.root}"
    assert not store.ingested("dishes", "s1")
