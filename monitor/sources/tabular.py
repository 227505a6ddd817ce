"""Tables of one layout as a source: read, cut into batches, decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt

from monitor.batch import Batch, joined
from monitor.errors import UsageError
from monitor.sources.decode import Decoder
from monitor.sources.faults import Notes, reading
from monitor.sources.nouns import Table

Digest = Callable[[Iterator[Batch]], str]


@dataclass(eq=False)
class TabularSource:
    """A `Source` of tables, which are read one after the other.

    hash: the digest, given the batches. notes: of the last reading.
    """

    name: str
    tables: Sequence[Table]
    decoder: Decoder
    hash: Digest
    opening: Sequence[str] = ()
    notes: Notes = field(default_factory=Notes)

    @property
    def dim(self) -> int:
        """Dimension of the vectors."""
        return self.decoder.dim

    @property
    def rows(self) -> int | None:
        """Number of rows where metadata tell it, else None."""
        known = [table.rows for table in self.tables]
        return None if None in known else sum(n for n in known if n)

    @property
    def warnings(self) -> list[str]:
        """What was left out on opening, and what the last reading mended or lost."""
        return [*self.opening, *(f"{self.name}: {line}" for line in self.notes.lines())]

    @property
    def array(self) -> npt.NDArray[Any] | None:
        """All vectors where they lie as one array, else None."""
        return self.tables[0].array if len(self.tables) == 1 else None

    def batches(self, rows: int = 8192) -> Iterator[Batch]:
        """Read anew: batches of exactly `rows` rows, the last one of the rest."""
        if rows < 1:
            raise UsageError(f"batches of {rows} rows cannot be read", "ask for 1 row or more")
        notes = self.notes = Notes()
        pending: list[Batch] = []
        for piece in self._pieces(rows, notes):
            pending.append(piece)
            if sum(map(len, pending)) == rows:
                yield joined(pending)
                pending = []
        if pending:
            yield joined(pending)

    def digest(self) -> str:
        """`sha256:` and the hash of the content."""
        return self.hash(self.batches())

    def _pieces(self, rows: int, notes: Notes) -> Iterator[Batch]:
        """Decoded pieces that never cross a multiple of `rows`."""
        seen = 0
        for table in self.tables:
            for raw in table.read(self.decoder.layout.wanted, rows):
                start = 0
                while start < raw.num_rows:
                    piece = raw.slice(start, rows - seen % rows)
                    with reading(table.name):
                        batch = self.decoder.batch(piece, table.name, notes)
                    yield batch
                    start, seen = start + piece.num_rows, seen + piece.num_rows


@dataclass(eq=False)
class EmptySource:
    """A `Source` without rows whose dimension is known all the same."""

    name: str
    dim: int
    hash: Digest
    opening: Sequence[str] = ()
    rows: int = 0
    array: None = None

    @property
    def warnings(self) -> list[str]:
        """What was left out on opening, and that there are no rows."""
        return [*self.opening, f"{self.name}: holds no rows"]

    def batches(self, rows: int = 8192) -> Iterator[Batch]:
        """Nothing."""
        return iter(())

    def digest(self) -> str:
        """`sha256:` and the hash of the content."""
        return self.hash(self.batches())
