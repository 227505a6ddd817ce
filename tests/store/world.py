"""Small things to store, and a store with one of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from monitor.model import Delivery, Flip, Version, Window
from monitor.store import AlertRow, InputRow, Part, RunRow, Store, VerdictRow, open_store

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LABELS = {"alertname": "drift", "monitor": "m", "severity": "warn", "space": "dishes"}


URL_FILE = "store.url"


def opened(folder: Path, query: str = "") -> Store:
    """The store of a folder: a SQLite file, or the PostgreSQL database that URL_FILE names.

    Both take the time from the caller, so that tests choose it.
    """
    store = open_store(url_of(folder, query), folder / "blobs")
    store.database.now = lambda _connection, host_now: host_now  # type: ignore[method-assign]
    return store


def url_of(folder: Path, query: str = "") -> str:
    """The URL of what is `opened` in a folder."""
    named = folder / URL_FILE
    return named.read_text() if named.exists() else f"sqlite:///{folder / 'embmon.db'}{query}"


def as_another_host(store: Store, lock: str) -> None:
    """What takes `lock` next shares no file lock with its holder."""
    if store.database.locks is not None:
        (store.database.locks / lock).unlink()


def hour(n: int) -> Window:
    """The n-th hour after NOW."""
    return Window(NOW + timedelta(hours=n), NOW + timedelta(hours=n + 1))


def part(store: Store, key: str, window: int, content: str, rows: int = 3) -> Part:
    """A part whose profile is its content."""
    return Part(hour(window), key, content, rows, store.blobs.put(content.encode()))


def ingest(store: Store, key: str, digest: str, contents: dict[int, str]) -> Any:
    """Adds a source that holds `contents` by hour."""
    parts = [part(store, key, window, content) for window, content in contents.items()]
    source = InputRow(key, digest, 3 * len(parts))
    return store.add_parts("dishes", "basis-1", source, parts, NOW)


def run(run_id: str, minute: int = 0, document: str | None = None) -> RunRow:
    """A run that ended some minutes after NOW."""
    at = NOW + timedelta(minutes=minute)
    return RunRow(run_id, "check", "dishes", "m", at - timedelta(seconds=5), at, document)


def verdict(n: int, word: str = "ok", **changes: Any) -> VerdictRow:
    """A verdict on the n-th hour."""
    row = {
        "space": "dishes",
        "monitor": "m",
        "window": hour(n),
        "config_digest": "config-1",
        "word": word,
        "p_value": 0.25,
        "score": 0.6,
        "threshold": 3.0,
        "rows": 100,
        "detail": {"causes": ["more soups"]},
    }
    return VerdictRow(**{**row, **changes})


def alert(state: str = "firing", **changes: Any) -> AlertRow:
    """The alert of LABELS."""
    row = {
        "fingerprint": "f1",
        "labels": LABELS,
        "state": state,
        "since": NOW,
        "last_window": hour(0),
        "quiet": 0,
        "severity": "warn",
        "acked_at": None,
        "acked_by": None,
        "summary": "dishes drifted",
        "last_sent_at": None,
    }
    return AlertRow(**{**row, **changes})


def flip() -> Flip:
    """The alert of LABELS begins to fire."""
    return Flip(LABELS, "ok", "firing", NOW, hour(0), "dishes drifted", {"score": 4.0})


def delivery(name: str, second: int = 0) -> Delivery:
    """A message due some seconds after NOW."""
    return Delivery(name, "ops", {"text": name}, 0, NOW, NOW + timedelta(seconds=second))


def fill(store: Store) -> None:
    """Puts a row into every table."""
    store.ensure_space("dishes", {"encoder": "e5", "metric": "cosine"}, 384, NOW)
    blob = store.blobs.put(b"vectors")
    version = Version("dishes", "v1", "digest-1", 5, 384, NOW, None, {"note": "first"})
    store.add_version(version, blob, NOW)
    store.add_basis("dishes", "basis-1", store.blobs.put(b"basis"), NOW)
    ingest(store, "day=1", "source-1", {0: "a", 1: "b"})
    calibration = store.blobs.put(b"calibration")
    store.set_reference(
        *("dishes", "windows", hour(0).start, hour(1).end, "basis-1", calibration),
        *("ready", {"windows": 2}, NOW),
    )
    first = run("run-1", 0, store.blobs.put(b"{}"))
    store.record_check(first, [verdict(0), verdict(1)])
    drifted = verdict(1, "drift", p_value=float("nan"), score=float("inf"))
    messages = [delivery("d1"), delivery("d2", 60)]
    store.record_check(run("run-2", 1), [drifted], [flip()], messages, {"f1": alert()})
    store.ack("f1", "ada", NOW)
    store.add_mark("dishes", "new menu", NOW, NOW)
    with store.lock("m", "host-1:1", 60, NOW):
        pass


@contextmanager
def statements(store: Store) -> Iterator[list[str]]:
    """The SQL that runs inside the block, transactions aside."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "SELECT set_", "SELECT pg_")):
            seen.append(statement)

    sa.event.listen(store.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(store.database.engine, "before_cursor_execute", note)


def names(rows: Sequence[Any], field: str) -> list[Any]:
    """One field of every row."""
    return [getattr(row, field) for row in rows]
