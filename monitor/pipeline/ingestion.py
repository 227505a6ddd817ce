"""Traffic into windows: one pass over a source, one profile for each window it touches."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from monitor.basis import Basis
from monitor.batch import Batch
from monitor.config import duration
from monitor.contract import Contract, agreed, breaches, stated
from monitor.errors import UsageError
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Columns, Window, checked_name
from monitor.packed import packed, unpacked
from monitor.parallel import mapped
from monitor.pipeline.gathering import gathered
from monitor.pipeline.served import told
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.profiles import Profile, chunks, merged, of_rows
from monitor.rowkeys import usable
from monitor.sources import Source, open_source
from monitor.stats.base import Rows
from monitor.store import InputRow, Part
from monitor.subsample import fitting_rows
from monitor.traces import Traces, segment_traces, traces

if TYPE_CHECKING:
    from monitor.versions import Corpus

OPEN_WINDOWS = 64
"""Most windows held in memory; the others wait on disk, so that unsorted rows stay bounded."""
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


def ingest(
    workspace: Workspace,
    space: str,
    what: Any,
    columns: Columns,
    *,
    every: str,
    sample: int,
    segments: Sequence[str] = (),
    corpus: Corpus | None = None,
) -> dict[str, Any]:
    """Adds the profiles of a source's windows to `space`; see `Monitor.ingest`. Sampled rows are
    held against the `corpus`."""
    run = Run("ingest", workspace)
    if not columns.at:
        raise UsageError("traffic needs times to be split into windows", "name their column: --at")
    store, length = workspace.store, duration(every)
    columns = replace(columns, keep=tuple(dict.fromkeys((*columns.keep, *segments))))
    source = open_source(what, columns)
    said = stated(what)
    contract = ensure_space(workspace, checked_name(space, "space"), source.dim, said, source.name)
    key, digest = str(source.name), source.digest()
    if store.ingested(space, digest, key):
        return run.document({"space": space, "rows": 0, "windows": [], "already_ingested": True})
    basis = _basis(workspace, space, source, columns)
    profiles = _Windows(Frame(basis, sample, columns.text), length, segments, corpus)
    rows = broken = 0

    def counted() -> Iterator[Batch]:
        nonlocal rows, broken
        for batch in source.batches():
            broken += breaches(contract, batch.vectors[usable(batch)])
            yield batch
            rows += len(batch)
            workspace.progress(f"reading {source.name}", rows, source.rows)

    profiles.add(counted())
    run.read(source, rows)
    run.warnings += breach_warnings(space, broken)
    if profiles.untimed:
        run.warnings.append(f"{profiles.untimed} rows without a time were left out")
    parts = [_part(workspace, basis, (key, window), found) for window, found in profiles.finished()]
    if not parts:
        raise UsageError(f"{source.name} holds no row with a time", f"is {columns.at} its column?")
    changed = store.add_parts(space, basis.id, InputRow(key, digest, rows), parts, workspace.now())
    return run.document(
        {
            "space": space,
            "rows": rows,
            "windows": [
                {
                    **part.window.to_dict(),
                    "rows": part.rows,
                    "changed": part.window in changed.windows,
                }
                for part in parts
            ],
            "already_ingested": False,
            "basis": basis.id,
        }
    )


def ensure_space(
    workspace: Workspace, space: str, dim: int, said: Contract | None = None, name: str = ""
) -> Contract:
    """Makes `space` with the contract of the configuration unless it is there and agrees.

    Gives what is declared of the space together with what its source `name` said of itself.
    """
    declared = workspace.config.spaces.get(space)
    contract = declared.model_dump(exclude_none=True) if declared else {}
    folder = contract.pop("encoder_dir", None)
    if folder is not None:
        path = workspace.config.path(folder)
        contract = agreed(contract, stated(path), str(path))
    if declared is None and said and "metric" in said:
        contract["metric"] = said["metric"]
    whole = agreed(contract, said or {}, name)
    expected = whole.get("dim", dim)
    if int(expected) != dim:
        raise UsageError(
            f"space {space!r} is declared with {expected} dimensions, the source has {dim}",
            "is this the right source, or was the encoder changed?",
        )
    contract.pop("dim", None)
    workspace.store.ensure_space(space, contract, dim, workspace.now())
    return whole


def breach_warnings(space: str, broken: int) -> list[str]:
    """A line where vectors are not of the length that their space declares."""
    said = f"{broken:,} vectors are not of unit length, as {space!r} declares them"
    return [said] if broken else []


def _basis(workspace: Workspace, space: str, source: Source, columns: Columns) -> Basis:
    """The basis of the space, fitted on this source where it is the first."""
    entity = columns.entity or ""
    store = workspace.store
    if store.basis(space) is None:
        workspace.progress("fitting the basis", 0, None)
        rows, buckets = fitting_rows(source.batches, source.dim)
        basis = fitted(rows, entity=entity, fitted_buckets=buckets)
        blob = store.blobs.put(basis.to_bytes())
        with store.lock("basis", owner(), 60.0, workspace.now()):
            if store.basis(space) is None:  # else another ingest was first: use its basis
                store.add_basis(space, basis.id, blob, workspace.now())
    found = workspace.basis(space)
    if found.entity != entity and found.entity:
        raise UsageError(
            f"the windows of {space!r} are kept by entity {found.entity!r}, not {entity!r}",
            f"give --entity {found.entity}",
        )
    return found


def _part(workspace: Workspace, basis: Basis, where: tuple[str, Window], found: _Slice) -> Part:
    blobs, profile = workspace.store.blobs, found.profile
    whole = traces(basis, profile)
    rows = int(profile.quality.counts[:, 0].sum())
    key, window = where
    return Part(
        window,
        key,
        profile.digest(),
        rows,
        blobs.put(profile.to_bytes()),
        blobs.put((whole + found.segments).to_bytes()),
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
        self._folder = tempfile.TemporaryDirectory(prefix="embmon-")

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
            path = Path(self._folder.name) / f"{old}-{len(paths)}"
            path.write_bytes(found.to_bytes())
            paths.append(path)

    def finished(self) -> Iterator[tuple[Window, _Slice]]:
        """Every window in order, whole."""
        with self._folder:
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
