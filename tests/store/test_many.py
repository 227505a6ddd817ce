"""Ten thousand windows are answered with as few queries as ten. Counted, not timed."""

from __future__ import annotations

from collections.abc import Iterator

from monitor.store import InputRow, Part, Store
from tests.store.world import NOW, hour, run, statements, verdict


def _queries(store: Store, first: int, n: int) -> Iterator[int]:
    """How many queries each step takes for `n` windows from the `first` hour on."""
    profile = store.blobs.put(b"profile")
    hours = range(first, first + n)
    parts = [Part(hour(h), f"file-{n}", f"c{h}", 5, profile) for h in hours]
    source = InputRow(f"file-{n}", f"s{n}", 5 * n)
    judged = [verdict(h) for h in hours]
    rejudged = [*judged[: n // 2], *(verdict(h, "drift") for h in hours[n // 2 :])]
    with statements(store) as seen:
        assert len(store.add_parts("dishes", "basis-1", source, parts, NOW).windows) == n
    yield len(seen)
    with statements(store) as seen:
        assert len(store.windows("dishes", "basis-1", hour(first).start)) == n
    yield len(seen)
    with statements(store) as seen:
        store.record_check(run(f"first-{n}"), judged)
        store.record_check(run(f"second-{n}", 1), rejudged)
    yield len(seen)
    with statements(store) as seen:
        assert len(store.history("dishes")) == first + n
        assert [row.window for row in store.latest_verdicts()] == [hour(hours[-1])]
    yield len(seen)


def test_ten_thousand_windows(either: str, store: Store) -> None:
    """Storing, reading, judging and judging again take the queries that ten windows take."""
    few = list(_queries(store, 0, 10))
    assert list(_queries(store, 10, 10_000 if either == "sqlite" else 900)) == few
    assert few[1] == 2
    assert sum(few) <= 40
