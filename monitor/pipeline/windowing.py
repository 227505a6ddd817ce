"""Rows of traffic into windows: what a source holds of each, whoever keeps it."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.config import duration
from monitor.contract import Contract, breaches
from monitor.errors import SchemaError
from monitor.frame import Frame
from monitor.model import Columns, Window
from monitor.packed import packed, unpacked
from monitor.parallel import mapped
from monitor.pipeline.gathering import gathered
from monitor.pipeline.served import told
from monitor.pipeline.workspace import Progress
from monitor.profiles import Profile, chunks, merged, of_rows
from monitor.rowkeys import usable
from monitor.sources import Source
from monitor.stats.base import Rows
from monitor.store import InputRow, Part
from monitor.traces import Traces, segment_traces, traces

if TYPE_CHECKING:
    from monitor.versions import Corpus

OPEN_WINDOWS = 64
"""Most windows held in memory; the others wait on disk, so that unsorted rows stay bounded."""
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)

Put = Callable[[bytes], str]
"""Keeps bytes, and returns the digest they are kept under."""


@dataclass(frozen=True)
class Splitting:
    """How traffic is split and what of it is kept: windows of length `every`, `sample` rows of
    each, every value of the columns `segments`; sampled rows are held against the `corpus`."""

    every: str
    sample: int
    segments: Sequence[str] = ()
    corpus: Corpus | None = None


@dataclass(frozen=True)
class Held:
    """What a source holds: its parts of windows in order, and what is odd about its rows."""

    source: InputRow
    parts: Sequence[Part]
    warnings: Sequence[str]


@dataclass(frozen=True)
class Reader:
    """All that traffic of a space is read by; no store is among it."""

    space: str
    basis: Basis
    contract: Contract
    columns: Columns
    how: Splitting

    def read(self, source: Source, digest: str, put: Put, progress: Progress) -> Held:
        """Reads a source, whose digest is known, once; `put` gets the profiles and traces.

        Raises SchemaError where no row has a time.
        """
        how, name = self.how, str(source.name)
        frame = Frame(self.basis, how.sample, self.columns.text)
        windows = _Windows(frame, duration(how.every), how.segments, how.corpus)
        rows = broken = 0

        def counted() -> Iterator[Batch]:
            nonlocal rows, broken
            for batch in source.batches():
                broken += breaches(self.contract, batch.vectors[usable(batch)])
                yield batch
                rows += len(batch)
                progress(f"reading {name}", rows, source.rows)

        windows.add(counted())
        parts = [_part(self.basis, (name, *found), put) for found in windows.finished()]
        if not parts:
            raise SchemaError(
                f"{name} holds no row with a time", f"is {self.columns.at} its column?"
            )
        said = breach_warnings(self.space, broken)
        if windows.untimed:
            said.append(f"{windows.untimed} rows without a time were left out")
        return Held(InputRow(name, digest, rows), parts, said)


def breach_warnings(space: str, broken: int) -> list[str]:
    """A line where vectors are not of the length that their space declares."""
    said = f"{broken:,} vectors are not of unit length, as {space!r} declares them"
    return [said] if broken else []


def _part(basis: Basis, found: tuple[str, Window, _Slice], put: Put) -> Part:
    key, window, piece = found
    profile = piece.profile
    return Part(
        window,
        key,
        profile.digest(),
        int(profile.quality.counts[:, 0].sum()),
        put(profile.to_bytes()),
        put((traces(basis, profile) + piece.segments).to_bytes()),
    )


@dataclass(frozen=True, eq=False)
class _Slice:
    """The profile of some rows of a window, and the traces of their segments."""

    profile: Profile
    segments: Traces

    def __add__(self, other: _Slice) -> _Slice:
        return _Slice(self.profile + other.profile, self.segments + other.segments)

    def to_bytes(self) -> bytes:
        """Both, to wait on disk."""
        parts = {"profile": self.profile.to_bytes(), "segments": self.segments.to_bytes()}
        return packed({k: np.frombuffer(v, np.uint8) for k, v in parts.items()}, {})

    @classmethod
    def from_bytes(cls, data: bytes) -> _Slice:
        """What `to_bytes` wrote."""
        parts, _ = unpacked(data)
        return cls(
            Profile.from_bytes(parts["profile"].tobytes()),
            Traces.from_bytes(parts["segments"].tobytes()),
        )


class _Windows:
    """Profiles by window, the least recently touched of them on disk."""

    def __init__(
        self,
        frame: Frame,
        length: timedelta,
        segments: Sequence[str],
        corpus: Corpus | None = None,
    ) -> None:
        self.frame, self._segments, self._corpus = frame, segments, corpus
        self.untimed = 0
        self._step = np.timedelta64(int(length.total_seconds()), "s")
        self._length = length
        whole_weeks = length % timedelta(days=7) == timedelta(0)
        self._origin = MONDAY if whole_weeks else datetime(1970, 1, 1, tzinfo=UTC)
        self._open: OrderedDict[int, _Slice] = OrderedDict()
        self._spilled: dict[int, list[Path]] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def add(self, batches: Iterable[Batch]) -> None:
        """Adds the rows of these batches to their windows."""
        jobs = gathered(map(self._split, batches))
        for index, part in mapped(lambda job: (job[0], self._folded(job[1])), jobs):
            self._merge(index, part)

    def _split(self, batch: Batch) -> list[tuple[int, Batch]]:
        """The rows of each window that the batch touches, in their order."""
        assert batch.at is not None
        timed = np.flatnonzero(~np.isnat(batch.at))
        self.untimed += len(batch) - len(timed)
        if not len(timed):
            return []
        origin = np.datetime64(self._origin.replace(tzinfo=None), "s")
        index = ((batch.at[timed] - origin) // self._step).astype(np.int64)
        order = np.argsort(index, kind="stable")
        found, starts = np.unique(index[order], return_index=True)
        by_window = batch.take(timed[order])
        rows = np.split(np.arange(len(order)), starts[1:])
        return [(one, by_window.take(r)) for one, r in zip(found.tolist(), rows, strict=True)]

    def _folded(self, batch: Batch) -> _Slice:
        if self._corpus is not None:
            batch = told(batch, self._corpus, self.frame.shape.sample)
        return _merged([self._slice(rows) for rows in chunks(batch, self.frame)])

    def _slice(self, rows: Rows) -> _Slice:
        found = segment_traces(self.frame.basis, rows, self._segments)
        return _Slice(of_rows(rows, self.frame), found)

    def _merge(self, index: int, part: _Slice) -> None:
        known = self._open.pop(index, None)
        self._open[index] = part if known is None else known + part
        if len(self._open) > OPEN_WINDOWS:
            old, found = self._open.popitem(last=False)
            paths = self._spilled.setdefault(old, [])
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="embmon-")
            path = Path(self._folder.name) / f"{old}-{len(paths)}"
            path.write_bytes(found.to_bytes())
            paths.append(path)

    def finished(self) -> Iterator[tuple[Window, _Slice]]:
        """Every window in order, whole."""
        with self._folder or nullcontext():
            for index in sorted({*self._open, *self._spilled}):
                parts = [_Slice.from_bytes(p.read_bytes()) for p in self._spilled.get(index, ())]
                if index in self._open:
                    parts.append(self._open.pop(index))
                start = self._origin + index * self._length
                yield Window(start, start + self._length), _merged(parts)


def _merged(parts: Sequence[_Slice]) -> _Slice:
    return _Slice(
        merged([part.profile for part in parts]), reduce(add, [part.segments for part in parts])
    )
