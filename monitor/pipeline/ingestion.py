"""Traffic into windows: one pass over a source, one profile for each window it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.basis import Basis
from monitor.config import duration, spelt
from monitor.contract import Contract, agreed, stated
from monitor.errors import DimensionError, SchemaError, UsageError
from monitor.fitting import fitted
from monitor.model import Columns, checked_name
from monitor.pipeline.windowing import Reader, Splitting
from monitor.pipeline.workspace import Run, Workspace, owner
from monitor.sources import Source, open_source
from monitor.subsample import fitting_rows

if TYPE_CHECKING:
    from monitor.versions import Corpus


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
    run, store = Run("ingest", workspace), workspace.store
    how = Splitting(every, sample, segments, corpus)
    columns = read_columns(columns, how)
    source = open_source(what, columns)
    said = stated(what)
    contract = ensure_space(workspace, checked_name(space, "space"), source.dim, said, source.name)
    digest = source.digest()
    if store.ingested(space, digest, str(source.name)):
        return run.document({"space": space, "rows": 0, "windows": [], "already_ingested": True})
    basis = _basis(workspace, space, source, columns)
    refuse_length(workspace, space, duration(every))
    reader = Reader(space, basis, contract, columns, how)
    held = reader.read(source, digest, store.blobs.put, workspace.progress)
    run.read(source, held.source.rows, digest)
    run.warnings += held.warnings
    changed = store.add_parts(space, basis.id, held.source, held.parts, workspace.now())
    return run.document(
        {
            "space": space,
            "rows": held.source.rows,
            "windows": [
                {
                    **part.window.to_dict(),
                    "rows": part.rows,
                    "changed": part.window in changed.windows,
                }
                for part in held.parts
            ],
            "already_ingested": False,
            "basis": basis.id,
        }
    )


def read_columns(columns: Columns, how: Splitting) -> Columns:
    """The columns that are read of traffic; UsageError where no times are among them."""
    if not columns.at:
        raise UsageError("traffic needs times to be split into windows", "name their column: --at")
    return replace(columns, keep=tuple(dict.fromkeys((*columns.keep, *how.segments))))


def ensure_space(
    workspace: Workspace, space: str, dim: int, said: Contract | None = None, name: str = ""
) -> Contract:
    """Makes `space` with the contract of the configuration unless it is there and agrees.

    Gives what is declared of the space together with what its source `name` said of itself. Raises
    DimensionError where the source has another one, and SchemaError where it contradicts.
    """
    # The space itself knows what was declared of it before.
    there = next((row for row in workspace.store.spaces() if row.name == space), None)
    known: Contract = there.contract if there else {}
    contract = _declared(workspace, space)
    for stating in (said or {}, known):
        if "metric" in stating:
            contract.setdefault("metric", stating["metric"])
    if space in workspace.config.spaces:
        contract.setdefault("metric", workspace.config.spaces[space].metric)
    whole = agreed({**known, **contract}, said or {}, name)
    refuse_dim(name, dim, space, there.dim if there else int(whole.get("dim", dim)))
    contract.pop("dim", None)
    workspace.store.ensure_space(space, contract, dim, workspace.now())
    return whole


def refuse_dim(name: str, dim: int, space: str, expected: int) -> None:
    """Raises DimensionError where the source `name` has another dimension than its space."""
    if dim != expected:
        raise DimensionError(
            f"{name} holds vectors of dimension {dim}, space {space!r} has {expected}",
            "vectors of another dimension need a space of their own; was the encoder changed?",
        )


def refuse_length(workspace: Workspace, space: str, length: timedelta) -> None:
    """Raises UsageError where the windows of a space are of another length: neither a budget nor
    the day and the week before a window could be counted in such a mixture."""
    newest = workspace.store.windows(space, workspace.basis(space).id, last=1)
    known = [one.window.end - one.window.start for one in newest]
    if known and known[0] != length:
        raise UsageError(
            f"the windows of {space!r} are {spelt(known[0])} long, not {spelt(length)}",
            f"keep to {spelt(known[0])}; windows of another length need a space of their own",
        )


def _declared(workspace: Workspace, space: str) -> dict[str, Any]:
    """What the configuration declares of a space, and its encoder's folder states."""
    settings = workspace.config.spaces.get(space)
    if settings is None:
        return {}
    # A default is no declaration: an encoder may say that it is made for another metric.
    unset = {"metric"} - settings.model_fields_set
    contract = settings.model_dump(exclude_none=True, exclude={"encoder_dir", *unset})
    if settings.encoder_dir is None:
        return contract
    path = workspace.config.path(settings.encoder_dir)
    try:
        return agreed(contract, stated(path), str(path))
    except SchemaError as error:  # a setting contradicts the folder that another one names
        raise UsageError(error.message, error.hint) from None


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
    return known_basis(workspace, space, columns)


def known_basis(workspace: Workspace, space: str, columns: Columns) -> Basis:
    """The basis of a space; UsageError where its windows are kept by another entity."""
    found, entity = workspace.basis(space), columns.entity or ""
    if found.entity != entity and found.entity:
        raise UsageError(
            f"the windows of {space!r} are kept by entity {found.entity!r}, not {entity!r}",
            f"give --entity {found.entity}",
        )
    return found
