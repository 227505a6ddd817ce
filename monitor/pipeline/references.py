"""What windows are judged against: choosing it, summing it up, calibrating on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any, Literal

from monitor.basis import Basis
from monitor.calibrate import calibrated
from monitor.config import duration
from monitor.errors import Undecided, UsageError
from monitor.fitting import fitted
from monitor.labels import kept_names
from monitor.model import Window, iso
from monitor.pipeline import served
from monitor.pipeline.bundle import Bundle
from monitor.pipeline.documents import labels_of
from monitor.pipeline.snapshots import stored_batches
from monitor.pipeline.workspace import Run, Workspace
from monitor.profiles import Profile, merged, profile
from monitor.scores.radii import Radii, sums
from monitor.scores.totals import Float64
from monitor.seasons import slot
from monitor.store import Reference, StoredWindow
from monitor.subsample import fitting_rows
from monitor.traces import Observed, Traces


def reference(
    workspace: Workspace,
    space: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    trailing: str | None = None,
    version: str | None = None,
    leave_out: Collection[Window] = (),
) -> dict[str, Any]:
    """Sets what windows of `space` are judged against; see `Monitor.reference`."""
    run = Run("reference", workspace)
    basis = _basis(workspace, space, version)
    newest = workspace.store.windows(space, basis.id, last=1)
    if trailing is not None and newest:
        end = newest[0].window.end if end is None else end
        start = end - duration(trailing)
    usual = workspace.calendar(space).usual
    stored = workspace.store.windows(space, basis.id, start, end)
    chosen = [w for w in stored if w.window not in leave_out and usual(w.window)]
    kind: Literal["windows", "trailing", "version"] = "trailing" if trailing else "windows"
    against = None
    if version is not None:
        kind = "version"
        against = profile(stored_batches(workspace, space, version), basis)
    elif not chosen:
        raise Undecided(
            f"space {space!r} has no windows from {start} to {end}", f"embmon ingest {space} SOURCE"
        )
    found = _bundle(workspace, space, basis, chosen, against)
    labels = _labels(workspace.store.reference(space), basis, found.whole)
    blob = workspace.store.blobs.put(found.to_bytes())
    state = "ready" if found.calibration.ready else "calibrating"
    detail = {
        "windows": len(chosen),
        "weeks": found.calibration.weeks,
        "rows": found.whole.n,
        "version": version,
        "labels": labels,
        "coverage": _coverage(workspace, space, chosen),
        "calibration": blob,  # its name for good: a purge puts another blob in its place
    }
    workspace.store.set_reference(
        space, kind, start, end, basis.id, blob, state, detail, workspace.now()
    )
    if state != "ready":
        run.warnings += _replaced(workspace, space, trailing or f"version:{version}")
    return run.document(
        {"space": space, "state": state, "reference": described(kind, start, end, detail)}
    )


def _replaced(workspace: Workspace, space: str, wanted: str) -> list[str]:
    """That a run does not keep a reference which is too short, and sets that of the settings."""
    name, settings = workspace.monitor_of(space)
    if settings is None or settings.reference == wanted:
        return []
    return [
        f"this is too little to judge by: the next run of {name!r} sets its own again, "
        f"reference = {settings.reference!r}"
    ]


def _coverage(
    workspace: Workspace, space: str, chosen: list[StoredWindow]
) -> dict[str, float] | None:
    """What is usual of the corpus and these windows, if the monitor of the space has one."""
    _, settings = workspace.monitor_of(space)
    if settings is None or settings.corpus is None:
        return None
    return served.usual(window_profile(workspace, stored) for stored in chosen)


def described(
    kind: str, start: datetime | None, end: datetime | None, detail: dict[str, Any]
) -> dict[str, Any]:
    """A reference in JSON."""
    rest = {key: detail[key] for key in ("windows", "weeks", "rows", "version")}
    return {"kind": kind, "from": start and iso(start), "to": end and iso(end), **rest}


def current(workspace: Workspace, space: str) -> tuple[Reference, Basis, Bundle]:
    """The reference that counts now; UsageError where none was set."""
    workspace.store.space(space)
    found = workspace.store.reference(space)
    if found is None or found.calibration is None:
        raise UsageError(
            f"space {space!r} has no reference yet", f"embmon reference {space} --trailing 8w"
        )
    return found, workspace.basis(space, found.basis_id), bundle(workspace, found)


def bundle(workspace: Workspace, known: Reference) -> Bundle:
    """What a reference that was calibrated holds."""
    assert known.calibration is not None
    return Bundle.from_bytes(workspace.store.blobs.get(known.calibration))


def window_profile(workspace: Workspace, stored: StoredWindow) -> Profile:
    """The whole profile of a stored window."""
    blobs = workspace.store.blobs
    return merged([Profile.from_bytes(blobs.get(part.profile)) for part in stored.parts])


def window_traces(workspace: Workspace, stored: StoredWindow) -> Observed:
    """A stored window as the rule sees it."""
    blobs = workspace.store.blobs
    parts = [Traces.from_bytes(blobs.get(part.traces)) for part in stored.parts if part.traces]
    return Observed(stored.window, reduce(add, parts))


def _labels(before: Reference | None, basis: Basis, whole: Profile) -> list[str]:
    """The names of the clusters, those that the reference before gave them where it knew them."""
    names = [label.text for label in labels_of(whole)]
    if before is None or before.basis_id != basis.id:
        return names
    return kept_names(names, before.detail["labels"])


def _basis(workspace: Workspace, space: str, version: str | None) -> Basis:
    """The basis of the space, fitted on the version where there is none yet."""
    store = workspace.store
    if version is not None and store.basis(space) is None:
        dim = store.space(space).dim
        rows, buckets = fitting_rows(lambda: stored_batches(workspace, space, version), dim)
        basis = fitted(rows, fitted_buckets=buckets)
        store.add_basis(space, basis.id, store.blobs.put(basis.to_bytes()), workspace.now())
    return workspace.basis(space)


def _bundle(
    workspace: Workspace,
    space: str,
    basis: Basis,
    chosen: list[StoredWindow],
    against: Profile | None,
) -> Bundle:
    seen: list[Observed] = []
    slots: defaultdict[str, list[StoredWindow]] = defaultdict(list)
    for done, stored in enumerate(chosen):
        workspace.progress("calibrating", done, len(chosen))
        seen.append(window_traces(workspace, stored))
        slots[slot(stored.window)].append(stored)
    if against is None:
        summed, radii, repeated = _summed(workspace, slots, basis.fitted_buckets)
    else:
        summed, radii = {"all": against}, Radii.of(against, basis.fitted_buckets)
        repeated = against.duplicates() / max(against.n, 1)
    whole = merged(list(summed.values()))
    launch = _launch(workspace, space, basis)
    _, settings = workspace.monitor_of(space)
    mix = None if settings is None else settings.permitted_mix
    launch = whole if launch is None else launch
    return Bundle(calibrated(basis, seen, mix), summed, radii, repeated, launch)


def _summed(
    workspace: Workspace, slots: Mapping[str, list[StoredWindow]], fresh: int
) -> tuple[dict[str, Profile], Radii, float]:
    """The profile of each slot's windows, the radii of clusters among all windows, and the share of
    a window's rows that repeat another of it; each window is read once."""
    spread: list[Float64] = []
    copies, rows = 0, 0

    def profiles(windows: list[StoredWindow]) -> Iterator[Profile]:
        nonlocal copies, rows
        for stored in windows:
            found = window_profile(workspace, stored)
            spread.append(sums(found, fresh))
            copies, rows = copies + found.duplicates(), rows + found.n
            yield found

    summed = {name: merged(profiles(windows)) for name, windows in slots.items()}
    return summed, Radii.among(spread), copies / max(rows, 1)


def _launch(workspace: Workspace, space: str, basis: Basis) -> Profile | None:
    """What the first reference of the space in this basis set as its launch, if there was one."""
    for known in workspace.store.references(space):
        if known.basis_id == basis.id and known.calibration is not None:
            return bundle(workspace, known).launch
    return None
