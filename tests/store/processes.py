"""What tests let other processes do to a store, and how they wait for them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

from monitor.errors import Busy
from monitor.store.migrations import bring_up_to_date
from tests.store.world import NOW, delivery, ingest, opened, part, run

_spawn = multiprocessing.get_context("spawn")


def started(target: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A new interpreter that runs `target`."""
    process = _spawn.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def exit_codes(*processes: BaseProcess) -> list[int | None]:
    """Waits a minute at most for all of them."""
    for process in processes:
        process.join(60)
    return [process.exitcode for process in processes]


def die() -> None:
    """Ends this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def put_then_die(folder: Path) -> None:
    """Puts a blob, then dies before any row points at it."""
    opened(folder).blobs.put(b"orphan")
    die()


def add_parts_then_die(folder: Path) -> None:
    """Dies inside the transaction that replaces a source."""
    store = opened(folder)

    @sa.event.listens_for(store.database.engine, "before_cursor_execute")
    def _(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO parts"):
            die()

    ingest(store, "day=1", "source-2", {0: "other"})


def claim_all(folder: Path, owner: str) -> None:
    """Claims until nothing is due and writes what it got to a file of its own name."""
    store = opened(folder)
    with (folder / owner).open("w") as file:
        while (message := store.claim(NOW, owner, 60)) is not None:
            file.write(message.id + "\n")
            store.sent(message.id, owner, NOW)


def record_many(folder: Path, owner: str, n: int) -> None:
    """Records `n` runs with a message each."""
    store = opened(folder)
    for i in range(n):
        store.record_check(run(f"{owner}-{i}"), deliveries=[delivery(f"{owner}-{i}")])


def open_once(folder: Path) -> None:
    """Opens the store and fills nothing."""
    opened(folder).spaces()


def migrate_then_die(folder: Path) -> None:
    """Dies inside a migration, after it has changed a table."""
    bring_up_to_date(opened(folder).database, [add_colour_then_die], upgrade=True)


def add_colour(operations: Operations) -> None:
    """A migration."""
    operations.add_column("spaces", sa.Column("colour", sa.Text))


def add_colour_then_die(operations: Operations) -> None:
    """A migration that is killed."""
    add_colour(operations)
    die()


def hold_lock_then_die(folder: Path) -> None:
    """Dies with the lock in hand."""
    with opened(folder).lock("m", "host-1:7", 60, NOW):
        die()


def count_under_lock(folder: Path, owner: str, rounds: int) -> None:
    """Adds to a number in a file without any care but the lock; exits 9 if the file tore."""
    store, done = opened(folder), 0
    while done < rounds:
        with suppress(Busy), store.lock("m", owner, 60, NOW + timedelta(seconds=done)):
            text = (folder / "count").read_text()
            if not text:
                sys.exit(9)
            (folder / "count").write_text("")
            (folder / "count").write_text(str(int(text) + 1))
            done += 1


def put_often(folder: Path, rounds: int) -> None:
    """Puts old content again and again and points at it at once."""
    store = opened(folder)
    for i in range(rounds):
        piece = part(store, f"key-{i}", i, f"content-{i}")
        ingest(store, f"key-{i}", f"source-{i}", {i: piece.content_digest})
