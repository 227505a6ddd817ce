"""A service's own rows, written to Parquet behind its back: it never waits for the disk."""

from __future__ import annotations

import atexit
import os
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike

from monitor.errors import UsageError


@dataclass(frozen=True)
class Counts:
    """Rows so far: written to files, waiting in memory, dropped; why the last write failed."""

    written: int
    waiting: int
    dropped: int
    error: str | None


class TrafficLog:
    """Collects rows in memory and writes them to files of `folder`, from a thread of its own.

    rows, seconds: a file is written when so many rows wait, or the oldest has waited so long.
    most_waiting: rows beyond it are dropped and counted, as when the disk is full or slow. Files
    appear whole, under a name that no other process takes. What waits is written at `close` and
    at the end of the interpreter; a process that is killed loses what waits. After a fork the
    child begins with an empty log.
    """

    def __init__(
        self,
        folder: Path,
        *,
        rows: int = 10_000,
        seconds: float = 60.0,
        most_waiting: int = 100_000,
    ) -> None:
        self.folder, self.rows, self.seconds = folder, rows, seconds
        self.most_waiting = most_waiting
        self._thread: threading.Thread | None = None
        self._changed = threading.Condition()
        self._kept: list[pa.Table] = []
        self._waiting = self._written = self._dropped = 0
        self._error: str | None = None
        self._closed = False
        os.register_at_fork(after_in_child=self._begin_anew)
        atexit.register(self.close)

    @property
    def counts(self) -> Counts:
        """What became of the rows so far."""
        with self._changed:
            return Counts(self._written, self._waiting, self._dropped, self._error)

    def log(
        self, vectors: ArrayLike, columns: Mapping[str, Sequence[Any]], vector: str = "vector"
    ) -> bool:
        """Takes rows (n, d), or one (d,), without waiting; False where they were dropped.

        columns: n values each, or one for all rows; vector: name of the vectors' own column. They
        are copied. Raises UsageError where shapes do not fit, or after `close`.
        """
        rows = _table(vectors, columns, vector)
        n = rows.num_rows
        with self._changed:
            if self._closed:
                raise UsageError("the traffic log is closed", "open another")
            if self._waiting + n > self.most_waiting:
                self._dropped += n
                return False
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="embmon-log", daemon=True)
                self._thread.start()
            self._kept.append(rows)
            self._waiting += n
            self._changed.notify()
        return True

    def close(self) -> None:
        """Writes what waits and ends; later calls do nothing."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
        atexit.unregister(self.close)

    def _begin_anew(self) -> None:
        """In the child of a fork, which has neither the thread nor what waits for it."""
        self._changed, self._thread, self._kept = threading.Condition(), None, []
        self._waiting = self._written = self._dropped = 0

    def _work(self) -> None:
        while True:
            with self._changed:
                due = time.monotonic() + self.seconds
                while not self._closed and self._waiting < self.rows:
                    left = due - time.monotonic()
                    if left <= 0 or not self._changed.wait(left):
                        break
                kept, closed = list(self._kept), self._closed
            failed = not self._write(kept)
            if closed:
                return
            if failed:
                # What could not be written stays, and is tried again when the time has come.
                time.sleep(min(self.seconds, 1.0))

    def _write(self, kept: list[pa.Table]) -> bool:
        """Writes runs of rows of one schema, a file each; False where one could not be."""
        for _, run in groupby(kept, key=lambda rows: rows.schema):
            rows = list(run)
            try:
                _save(pa.concat_tables(rows), self.folder)
            except (OSError, pa.ArrowException) as error:
                with self._changed:
                    self._error = str(error)
                return False
            done = sum(table.num_rows for table in rows)
            with self._changed:
                del self._kept[: len(rows)]
                self._waiting -= done
                self._written += done
        return True


def _table(vectors: ArrayLike, columns: Mapping[str, Sequence[Any]], vector: str) -> pa.Table:
    """The rows of one call."""
    found = np.array(vectors, dtype=np.float32, ndmin=2)
    if found.ndim != 2 or not found.shape[1]:
        raise UsageError(
            f"vectors of shape {np.shape(vectors)} are no rows",
            "log an array of shape (rows, dimensions)",
        )
    n, d = found.shape
    arrays = {vector: pa.FixedSizeListArray.from_arrays(pa.array(found.reshape(-1)), d)}
    for name, values in columns.items():
        if len(values) not in (1, n):
            raise UsageError(
                f"column {name!r} has {len(values)} values for {n} rows",
                "give one value for each row, or one for all",
            )
        try:
            arrays[name] = pa.array(values if len(values) == n else [values[0]] * n)
        except (pa.ArrowException, TypeError) as error:
            raise UsageError(f"column {name!r} cannot be written: {error}") from None
    return pa.table(arrays)


def _save(table: pa.Table, folder: Path) -> None:
    """Writes a table under a new name, whole or not at all."""
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    final = folder / f"{stamp}-{os.getpid()}-{secrets.token_hex(4)}.parquet"
    part = final.with_suffix(".part")
    try:
        pq.write_table(table, part)
        os.replace(part, final)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
