"""Traffic into windows: one pass over a source, one profile for each window it touches."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from monitor.basis import Basis
from monitor.config import duration
from monitor.errors import UsageError
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Batch, Window, checked_name
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.profiles import Profile, folds, merged
from monitor.sources import Columns, Source, open_source
from monitor.store import InputRow, Part
from monitor.subsample import fitting_rows

OPEN_WINDOWS = 64
"""Most windows held in memory; the others wait on disk, so that unsorted rows stay bounded."""
MONDAY = datetime(1970, 1, 5, tzinfo=UTC)


def ingest(
    workspace: Workspace, space: str, what: Any, columns: Columns, *, every: str, sample: int
) -> dict[str, Any]:
    """Adds the profiles of a source's windows to `space`; see `Monitor.ingest`."""
    run = Run("ingest", workspace)
    if not columns.at:
        raise UsageError("traffic needs times to be split into windows", "name their column: --at")
    store, length = workspace.store, duration(every)
    source = open_source(what, columns)
    ensure_space(workspace, checked_name(space, "space"), source.dim)
    key, digest = str(source.name), source.digest()
    if store.ingested(space, digest, key):
        return run.document({"space": space, "rows": 0, "windows": [], "already_ingested": True})
    basis = _basis(workspace, space, source, columns)
    profiles = _Windows(Frame(basis, sample, columns.text), length)
    rows = 0

    def counted() -> Iterator[Batch]:
        nonlocal rows
        for batch in source.batches():
            yield batch
            rows += len(batch)
            workspace.progress(f"reading {source.name}", rows, source.rows)

    profiles.add(counted())
    run.read(source, rows)
    if profiles.untimed:
        run.warnings.append(f"{profiles.untimed} rows without a time were left out")
    parts = [_part(workspace, key, window, found) for window, found in profiles.finished()]
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


def ensure_space(workspace: Workspace, space: str, dim: int) -> None:
    """Makes `space` with the contract of the configuration unless it is there and agrees."""
    declared = workspace.config.spaces.get(space)
    contract = declared.model_dump(exclude_none=True) if declared else {}
    stated = contract.pop("dim", dim)
    if stated != dim:
        raise UsageError(
            f"space {space!r} is declared with {stated} dimensions, the source has {dim}",
            "is this the right source, or was the encoder changed?",
        )
    workspace.store.ensure_space(space, contract, dim, workspace.now())


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


def _part(workspace: Workspace, key: str, window: Window, profile: Profile) -> Part:
    blob = workspace.store.blobs.put(profile.to_bytes())
    rows = int(profile.quality.counts[:, 0].sum())
    return Part(window, key, profile.digest(), rows, blob)


class _Windows:
    """Profiles by window, the least recently touched of them on disk."""

    def __init__(self, frame: Frame, length: timedelta) -> None:
        self.frame = frame
        self.untimed = 0
        self._step = np.timedelta64(int(length.total_seconds()), "s")
        self._length = length
        whole_weeks = length % timedelta(days=7) == timedelta(0)
        self._origin = MONDAY if whole_weeks else datetime(1970, 1, 1, tzinfo=UTC)
        self._open: OrderedDict[int, Profile] = OrderedDict()
        self._spilled: dict[int, list[Path]] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="embmon-")

    def add(self, batches: Iterable[Batch]) -> None:
        """Adds the rows of these batches to their windows."""
        jobs = (job for batch in batches for job in self._split(batch))
        for index, part in folds(jobs, self.frame):
            self._merge(index, part)

    def _split(self, batch: Batch) -> Iterator[tuple[int, Batch]]:
        """The rows of each window that the batch touches."""
        assert batch.at is not None
        timed = np.flatnonzero(~np.isnat(batch.at))
        self.untimed += len(batch) - len(timed)
        origin = np.datetime64(self._origin.replace(tzinfo=None), "s")
        index = ((batch.at[timed] - origin) // self._step).astype(np.int64)
        for one in np.unique(index).tolist():
            yield one, batch.take(timed[index == one])

    def _merge(self, index: int, part: Profile) -> None:
        known = self._open.pop(index, None)
        self._open[index] = part if known is None else known + part
        if len(self._open) > OPEN_WINDOWS:
            old, profile = self._open.popitem(last=False)
            paths = self._spilled.setdefault(old, [])
            path = Path(self._folder.name) / f"{old}-{len(paths)}"
            path.write_bytes(profile.to_bytes())
            paths.append(path)

    def finished(self) -> Iterator[tuple[Window, Profile]]:
        """Every window in order, with its whole profile."""
        with self._folder:
            for index in sorted({*self._open, *self._spilled}):
                parts = [Profile.from_bytes(p.read_bytes()) for p in self._spilled.get(index, ())]
                if index in self._open:
                    parts.append(self._open.pop(index))
                start = self._origin + index * self._length
                yield Window(start, start + self._length), merged(parts)
