"""The nouns of this room: one table of a source, and the source itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy.typing as npt
import pyarrow as pa

from monitor.batch import Batch

Read = Callable[[Sequence[str], int], Iterator[pa.RecordBatch]]


@dataclass(frozen=True, eq=False)
class Table:
    """One file, or one object in memory, as Arrow.

    name: safe to print. schema: every column. rows: their number, None where only reading tells.
    read: `read(columns, rows)` gives record batches of those columns in row order, each time
    anew; `rows` is the size to aim at and may be missed either way. array: the vectors as they
    lie, (n, d), where the whole table has them as one array (memory-mapped for files).
    warnings: what is odd about it.
    """

    name: str
    schema: pa.Schema
    rows: int | None
    read: Read
    array: npt.NDArray[Any] | None = None
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Source(Protocol):
    """A stream of batches that can be read more than once."""

    @property
    def name(self) -> str:
        """What the user typed, safe to print."""

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""

    @property
    def rows(self) -> int | None:
        """Number of rows where metadata tell it, else None."""

    @property
    def warnings(self) -> list[str]:
        """What was mended, left out or counted as missing, as of the last reading."""

    def batches(self, rows: int = 8192) -> Iterator[Batch]:
        """Read anew: batches of exactly `rows` rows, the last one of the rest."""

    def digest(self) -> str:
        """`sha256:` and the hash of the content."""


@dataclass(frozen=True)
class File:
    """A file of a source: where it lies, its printable name, values its folders state, options."""

    path: Path
    name: str
    partition: tuple[tuple[str, str | None], ...] = ()
    options: tuple[tuple[str, str], ...] = ()

    def option(self, name: str) -> str | None:
        """What the address says behind the path, such as the `part` of `#part`."""
        return dict(self.options).get(name)
