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
import numpy.typing as npt
import pyarrow as pa
from numpy.typing import ArrayLike

from monitor.arrowed import arrow_numbers
from monitor.errors import UsageError


@dataclass(frozen=True)
class Counts:
    """Rows so far: written to files, waiting in memory, dropped; why the last write failed."""

    written: int
    waiting: int
    dropped: int
    error: str | None


@dataclass(frozen=True)
class _Rows:
    """What one call logged: vectors (n, d), and columns of n values, or of one for all."""

    vectors: npt.NDArray[np.float32]
    columns: Mapping[str, Sequence[Any]]
    vector: str

    def __len__(self) -> int:
        return len(self.vectors)

    def table(self) -> pa.Table:
        """As Arrow. Not done while a request waits: pyarrow's first array imports pandas."""
        n, d = self.vectors.shape
        flat = arrow_numbers(self.vectors.reshape(-1))
        arrays = {self.vector: pa.FixedSizeListArray.from_arrays(flat, d)}
        for name, values in self.columns.items():
            arrays[name] = pa.array(values if len(values) == n else [values[0]] * n)
        return pa.table(arrays)


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
        self._kept: list[_Rows] = []
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
        are copied. Values that no column can hold are found later, dropped and counted. Raises
        UsageError where shapes do not fit, or after `close`.
        """
        rows = _checked(vectors, columns, vector)
        n = len(rows)
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

    def _write(self, kept: list[_Rows]) -> bool:
        """Writes runs of rows of one schema, a file each; False where one could not be."""
        tables = [self._table(rows) for rows in kept]
        for schema, run in groupby(tables, key=_schema):
            found = list(run)
            if schema is not None:
                try:
                    _save(pa.concat_tables(found), self.folder)
                except (OSError, pa.ArrowException) as error:
                    with self._changed:
                        self._error = str(error)
                    return False
            with self._changed:
                done = sum(len(rows) for rows in self._kept[: len(found)])
                del self._kept[: len(found)]
                self._waiting -= done
                if schema is None:
                    self._dropped += done
                else:
                    self._written += done
        return True

    def _table(self, rows: _Rows) -> pa.Table | None:
        """The rows of one call; None, and why, where they hold what no column can."""
        try:
            return rows.table()
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            with self._changed:
                self._error = f"rows that cannot be written: {error}"
            return None


def _schema(table: pa.Table | None) -> pa.Schema | None:
    return None if table is None else table.schema


def _checked(vectors: ArrayLike, columns: Mapping[str, Sequence[Any]], vector: str) -> _Rows:
    found = np.array(vectors, dtype=np.float32, ndmin=2)
    if found.ndim != 2 or not found.shape[1]:
        raise UsageError(
            f"vectors of shape {np.shape(vectors)} are no rows",
            "log an array of shape (rows, dimensions)",
        )
    for name, values in columns.items():
        if len(values) not in (1, len(found)):
            raise UsageError(
                f"column {name!r} has {len(values)} values for {len(found)} rows",
                "give one value for each row, or one for all",
            )
    return _Rows(found, {name: list(values) for name, values in columns.items()}, vector)


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
