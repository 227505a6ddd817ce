"""Versions of a space's items: storing them, reading them back, comparing them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import ROW_OK, Batch, Items
from monitor.contract import Contract, breaches, stated
from monitor.errors import UsageError
from monitor.frame import CHUNK
from monitor.model import Columns, Version, checked_name, iso
from monitor.pipeline.ingestion import ensure_space
from monitor.pipeline.windowing import breach_warnings
from monitor.pipeline.workspace import Run, Workspace, plain
from monitor.rowkeys import usable
from monitor.sources import Source, open_source, read_items
from monitor.sources.kinds import kind_of_folder

if TYPE_CHECKING:
    from monitor.versions import Card

VECTOR = "embedding"
UNNAMED = (
    "no column of ids was found, so items are numbered from 0 and pair with those of other versions"
    " by their place; --id names the column"
)
SUFFIX = ".embcard"
"""A file of this name is a version's card: what was kept of it when its vectors are gone."""


def snapshot(
    workspace: Workspace,
    space: str,
    version: str,
    what: Any,
    columns: Columns,
    *,
    parent: str | None = None,
) -> dict[str, Any]:
    """Stores a source's rows as a version; see `Monitor.snapshot`."""
    run = Run("snapshot", workspace)
    checked_name(space, "space")
    checked_name(version, "version")
    source = open_source(what, item_columns(columns))
    contract = ensure_space(workspace, space, source.dim, stated(what), source.name)
    if parent is not None:
        workspace.store.version(space, parent)
    card = _Card(contract)
    with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
        path = Path(folder) / "rows.arrow"
        if not _write(path, source, card, workspace):
            run.warnings.append(UNNAMED)
        run.read(source, card.rows)
        run.warnings += breach_warnings(space, card.broken)
        if card.rows == 0:
            raise UsageError(f"{source.name} holds no rows", "a version needs at least one")
        blob = workspace.store.blobs.put_file(path)
    found = Version(
        space=space,
        label=version,
        digest=blob,
        rows=card.rows,
        dim=source.dim,
        created_at=workspace.now(),
        parent=parent,
        card={**card.to_dict(), "source": source.name, "contract": dict(contract)},
    )
    added = workspace.store.add_version(found, blob, workspace.now())
    return run.document({**described(found), "added": added})


def versions(workspace: Workspace, space: str) -> dict[str, Any]:
    """The versions of a space, oldest first."""
    workspace.store.space(space)
    found = [described(version) for version in workspace.store.versions(space)]
    return Run("versions", workspace).document({"space": space, "versions": found})


def show(
    workspace: Workspace, ref: str, *, against: str | None = None, out: Path | None = None
) -> dict[str, Any]:
    """The card of `SPACE@VERSION`, what differs `against` another, and a card file if `out`."""
    run = Run("version", workspace)
    found = _version(workspace, ref)
    content = _shown(workspace, found)
    content["lineage"] = _lineage(workspace, found)
    if against is not None:
        content["differences"] = _differences(
            _shown(workspace, _version(workspace, against)), content
        )
    if out is not None:
        from monitor.versions import card

        made = card(items(workspace, ref, Columns(), run), content["contract"])
        out.write_bytes(made.to_bytes())
        content["card_file"] = str(out)
    return run.document(content)


def _version(workspace: Workspace, ref: str) -> Version:
    space, at, label = ref.partition("@")
    if not at:
        raise UsageError(f"{ref!r} names no version", "write SPACE@VERSION")
    return workspace.store.version(space, label)


def _shown(workspace: Workspace, version: Version) -> dict[str, Any]:
    contract = dict(workspace.store.space(version.space).contract)
    return {**described(version), "card": dict(version.card), "contract": contract}


def _lineage(workspace: Workspace, version: Version) -> list[str]:
    """The labels of its ancestors, the parent first."""
    known = {v.label: v for v in workspace.store.versions(version.space)}
    labels: list[str] = []
    parent = version.parent
    while parent is not None and parent in known and parent not in labels:
        labels.append(parent)
        parent = known[parent].parent
    return labels


def _differences(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """What the cards and contracts of two versions do not share."""
    flat = [
        {**{k: v for k, v in side.items() if not isinstance(v, dict | list)}}
        | {f"card.{k}": v for k, v in side["card"].items()}
        | {f"contract.{k}": v for k, v in side["contract"].items()}
        for side in (before, after)
    ]
    names = [name for name in {**flat[0], **flat[1]} if flat[0].get(name) != flat[1].get(name)]
    return [{"field": n, "before": flat[0].get(n), "after": flat[1].get(n)} for n in names]


def neighbors(
    workspace: Workspace, a: str, item: str, k: int, against: str | None = None
) -> dict[str, Any]:
    """The items of `a` nearest to one of them, and what became of them in `against`."""
    from monitor import versions

    run = Run("neighbors", workspace)
    left = items(workspace, a, Columns(), run)
    if against is None:
        return run.document({"version": a, **plain(versions.neighbors(left, item, k))})
    right = items(workspace, against, Columns(), run)
    found = versions.neighbors_against(left, right, item, k)
    return run.document({"version": a, "against": against, **plain(found)})


def described(version: Version) -> dict[str, Any]:
    """A version in JSON, without its card."""
    return {
        "space": version.space,
        "version": version.label,
        "rows": version.rows,
        "dim": version.dim,
        "digest": version.digest,
        "parent": version.parent,
        "created_at": iso(version.created_at),
    }


def item_columns(columns: Columns) -> Columns:
    """These columns of items, and every further one where none is named: a version keeps what it
    has."""
    return replace(columns, keep=columns.keep or ("*",), items=True)


def items(workspace: Workspace, what: str, columns: Columns, run: Run) -> Items:
    """The rows behind `SPACE@VERSION`, or of a source."""
    space, at, label = str(what).partition("@")
    if at and "/" not in what and not Path(what).exists() and not kind_of_folder(space):
        known = workspace.store.version(space, label)
        path = workspace.store.blobs.path(workspace.store.version_blob(space, label))
        run.inputs.append({"source": what, "rows": known.rows, "digest": known.digest})
        contract = workspace.store.space(space).contract
        return _stored_items(path, what, contract.get("metric", "cosine"))
    if str(what).endswith(SUFFIX):
        run.inputs.append({"source": str(what), "rows": card_file(what).header["n"]})
        return card_file(what).items
    source = open_source(what, item_columns(columns))
    found = read_items(source)
    run.read(source, len(found))
    return found


def card_file(path: str) -> Card:
    """The card in a file. Raises UsageError where there is none."""
    from monitor.versions import card_from

    try:
        return card_from(Path(path).read_bytes())
    except OSError as error:
        raise UsageError(
            f"the card {path} cannot be read: {error.strerror}",
            f"embmon show SPACE@VERSION -o FILE{SUFFIX} writes one",
        ) from error


def contract_of(workspace: Workspace, what: Any) -> Contract:
    """What held for `SPACE@VERSION` when it was stored, or what a source states of itself."""
    space, at, label = str(what).partition("@")
    if at and "/" not in str(what) and not Path(what).exists() and not kind_of_folder(space):
        found: Contract = workspace.store.version(space, label).card.get("contract", {})
        return found
    return stated(what)


def stored_batches(workspace: Workspace, space: str, version: str) -> Iterator[Batch]:
    """A version's rows as batches."""
    path = workspace.store.blobs.path(workspace.store.version_blob(space, version))
    columns = Columns(vector=VECTOR, id="id", keep=("*",))
    return open_source(path, columns).batches(CHUNK)


def _write(path: Path, source: Source, card: _Card, workspace: Workspace) -> bool:
    """Rows as an Arrow file: it opens memory-mapped, and in any tool that reads Arrow. False where
    there are columns, but none of ids among them."""
    writer, named = None, True
    try:
        for batch in source.batches(CHUNK):
            record = _record(batch, card.rows)
            if writer is None:
                writer = pa.ipc.new_file(str(path), record.schema)
            writer.write_batch(record)
            card.add(batch)
            named = batch.ids is not None or not batch.columns
            workspace.progress(f"reading {source.name}", card.rows, source.rows)
    finally:
        if writer is not None:
            writer.close()
    return named


def write_without(
    path: Path, out: Path, gone: Callable[[pa.Table], pa.Array]
) -> tuple[int, list[str]]:
    """Writes the rows of a version but for those that `gone` is true of to `out`: how many are
    left, and the ids of the others."""
    left, ids = 0, []
    with pa.memory_map(str(path)) as file:
        reader = pa.ipc.open_file(file)
        with pa.ipc.new_file(str(out), reader.schema) as writer:
            for i in range(reader.num_record_batches):
                rows = pa.Table.from_batches([reader.get_batch(i)])
                which = gone(rows)
                ids += rows.filter(which)["id"].to_pylist()
                kept = rows.filter(pc.invert(which))
                writer.write_table(kept)
                left += len(kept)
    return left, ids


def _record(batch: Batch, first: int) -> pa.RecordBatch:
    null = batch.status != ROW_OK
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(batch.vectors.ravel()), batch.dim, mask=pa.array(null) if null.any() else None
    )
    ids = batch.ids
    if ids is None:
        ids = pa.array([str(i) for i in range(first, first + len(batch))])
    rest = {k: v for k, v in batch.columns.items() if k not in ("id", VECTOR)}
    return pa.RecordBatch.from_pydict({"id": ids, **rest, VECTOR: vectors})


def _stored_items(path: Path, name: str, metric: Any) -> Items:
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
    column = table[VECTOR].combine_chunks()
    dim = column.type.list_size
    vectors = column.values.to_numpy().reshape(-1, dim)[column.offset : column.offset + len(column)]
    if column.null_count:
        vectors = vectors.copy()
        vectors[column.is_null().to_numpy(zero_copy_only=False)] = np.nan
    rest = [c for c in table.column_names if c not in ("id", VECTOR)]
    return Items(
        ids=table["id"].combine_chunks(),
        vectors=vectors,
        columns={c: table[c].combine_chunks() for c in rest},
        metric=metric,
        name=name,
    )


class _Card:
    """What a version's card says of its rows, gathered in one pass."""

    def __init__(self, contract: Contract) -> None:
        self.rows = self.broken = 0
        self._contract = contract
        self._unusable = 0
        self._norms: list[np.ndarray[Any, np.dtype[np.float32]]] = []

    def add(self, batch: Batch) -> None:
        fine = usable(batch)
        self.rows += len(batch)
        self._unusable += int((~fine).sum())
        self.broken += breaches(self._contract, batch.vectors[fine])
        self._norms.append(np.linalg.norm(batch.vectors[fine], axis=1))

    def to_dict(self) -> dict[str, Any]:
        norms = np.concatenate(self._norms) if self._norms else np.empty(0)
        low, middle, high = np.quantile(norms, [0.05, 0.5, 0.95]) if len(norms) else [np.nan] * 3
        return {
            "unusable_rows": self._unusable,
            "norm_p5": round(float(low), 6),
            "norm_median": round(float(middle), 6),
            "norm_p95": round(float(high), 6),
        }
