"""`purge`: one person's rows, or what is older than a time, out of store, blobs and reports."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from monitor.config import duration
from monitor.errors import UsageError
from monitor.pipeline.bundle import Bundle
from monitor.pipeline.contents import INDEX, files_of_page, write_contents
from monitor.pipeline.forgetting import Gone, names, reworded
from monitor.pipeline.jobs import LEASE_S
from monitor.pipeline.snapshots import write_without
from monitor.pipeline.standing import write_status
from monitor.pipeline.workspace import Run, Workspace, owner, user
from monitor.profiles import Profile
from monitor.store import Lease, Purge, Rewritten


def purge(
    workspace: Workspace,
    space: str | None,
    *,
    subject: str | None,
    older_than: str | None,
    columns: Sequence[str] = (),
) -> dict[str, Any]:
    """Forgets a subject, or the past; see `Monitor.purge`."""
    if (subject is None) == (older_than is None):
        raise UsageError("purge needs to know what", "give --subject ID or --older-than 90d")
    run, store, now = Run("purge", workspace), workspace.store, workspace.now()
    before = None if older_than is None else now - duration(older_than)
    done = []
    with store.lock("run", owner(), LEASE_S, now) as lease:
        for name in [space] if space else [row.name for row in store.spaces()]:
            entity = [workspace.basis(name).entity] if store.basis(name) else []
            gone = Gone(subject, before, tuple({"id", *filter(None, entity), *columns}))
            done.append(_Purging(workspace, name, gone).carried_out(lease))
    return run.document({"purges": [document(one) for one in done]})


def purges(workspace: Workspace) -> dict[str, Any]:
    """The trail of all purges; see `Monitor.purges`."""
    found = [document(one) for one in workspace.store.purges()]
    return Run("purges", workspace).document({"purges": found})


def document(done: Purge) -> dict[str, Any]:
    """A purge in JSON."""
    return dict(vars(done))


@dataclass
class _Purging:
    """A purge of one space at work.

    words: ids and texts of the rows that go, by which documents and pages are known to show them;
    nameless: whether some had no id, and so cannot be found on a page; found: how often a row was
    met in a sample.
    """

    workspace: Workspace
    space: str
    gone: Gone
    words: set[str] = field(default_factory=set)
    nameless: bool = False
    found: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    renamed: dict[str, str | None] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    def carried_out(self, lease: Lease) -> Purge:
        """Finds and deletes: the pages first, since it is the store that tells which they are."""
        store, gone = self.workspace.store, self.gone
        held = store.blobs_of(self.space)
        seen = set().union(*held.values())
        if gone.subject is not None:
            self.words.add(gone.subject)
            self._rewrite_samples(held["profiles"], Profile)
            self._rewrite_versions(held["versions"])
        self._rewrite_samples(held["calibrations"], Bundle)
        self.removed["samples"] = len(self.renamed) - len(self.versions)
        self._drop_documents(held["documents"])
        self._remove_pages()
        done = store.purge(self._note(), self._change(seen), lease)
        store.forget(seen)
        self._list_pages()
        return done

    def _note(self) -> Purge:
        subject, now, author = self.gone.subject, self.workspace.now(), user()
        who = None if subject is None else hashlib.sha256(subject.encode()).hexdigest()
        return Purge(self.space, now, author, who, self.gone.before, dict(self.removed))

    def _change(self, seen: set[str]) -> Rewritten:
        known, words = seen | set(filter(None, self.renamed.values())), frozenset(self.words)
        return Rewritten(known, self.renamed, self.versions, lambda value: reworded(value, words))

    def _rewrite_samples(self, digests: Collection[str], kind: type[Profile | Bundle]) -> None:
        """Puts profiles, or the references made of them, without what goes."""
        blobs = self.workspace.store.blobs
        for digest in sorted(digests):
            before = self.found
            left = kind.from_bytes(blobs.get(digest)).without(self._noted)
            if self.found > before:
                self.renamed[digest] = blobs.put(left.to_bytes())

    def _noted(self, table: pa.Table) -> pa.Array:
        """Which rows of a sample go; notes what they are known by."""
        which = self.gone.sampled(table)
        rows = table.filter(which)
        self.found += len(rows)
        for known in zip(rows["_id"].to_pylist(), rows["_text"].to_pylist(), strict=True):
            self.words.update(filter(None, known))
            self.nameless |= known[0] is None
        return which

    def _rewrite_versions(self, digests: Collection[str]) -> None:
        blobs = self.workspace.store.blobs
        for digest in sorted(digests):
            with tempfile.TemporaryDirectory(prefix="embmon-") as folder:
                path = Path(folder) / "rows.arrow"
                left, ids = write_without(blobs.path(digest), path, self.gone.stored)
                if ids:
                    self.words.update(ids)
                    self.renamed[digest] = blobs.put_file(path)
                    self.versions[digest] = left
                    self.removed["rows of versions"] += len(ids)

    def _drop_documents(self, digests: Collection[str]) -> None:
        """The documents of runs that show a row that goes."""
        for digest in sorted(digests):
            if names(json.loads(self.workspace.store.blobs.get(digest)), frozenset(self.words)):
                self.renamed[digest] = None
                self.removed["documents"] += 1

    def _remove_pages(self) -> None:
        """Pages that show a row that goes, or are of a window that does."""
        shelf = self.workspace.shelf
        pages = [name for name in shelf.pages(self.space) if name != INDEX]
        gone = [name for name in pages if self._shows(shelf.read(_json(self.space, name)))]
        self.removed["pages"] = len(gone)
        if self.workspace.rehearsal is None:
            for name in gone:
                shelf.remove(files_of_page(f"{self.space}/{name}"))

    def _shows(self, raw: bytes | None) -> bool:
        """Whether a page goes whose JSON is `raw`; one without goes, since nobody can tell."""
        if raw is None or self.nameless:
            return True
        run, before = json.loads(raw), self.gone.before
        ends = [one["window"]["end"] for one in run.get("windows", ()) if one.get("window")]
        old = before is not None and bool(ends) and datetime.fromisoformat(max(ends)) <= before
        return old or names(run, frozenset(self.words))

    def _list_pages(self) -> None:
        if self.removed["pages"] and self.workspace.rehearsal is None:
            monitor, _ = self.workspace.monitor_of(self.space)
            write_contents(self.workspace, self.space, monitor)
            write_status(self.workspace)


def _json(space: str, page: str) -> str:
    return files_of_page(f"{space}/{page}")[0]
