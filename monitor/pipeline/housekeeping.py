"""The store as a whole: checked, upgraded, backed up, brought back, moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.pipeline.workspace import Run, Workspace
from monitor.store import Place, copied, migrated, planned

_DATABASE, _BLOBS = "embmon.db", "embmon-blobs"


def store_check(workspace: Workspace) -> dict[str, Any]:
    """What is missing, damaged or otherwise than it should be; see `Monitor.store_check`."""
    problems = list(workspace.store.problems())
    return Run("store-check", workspace).document(
        {"problems": problems, "exit_code": 1 if problems else 0}
    )


def store_upgrade(workspace: Workspace) -> dict[str, Any]:
    """Makes or migrates the tables; see `Monitor.store_upgrade`."""
    run, place = Run("store-upgrade", workspace), workspace.place()
    before, after = migrated(place, dry_run=workspace.rehearsal is not None)
    return run.document({"store": place.name, "schema_before": before, "schema": after})


def store_backup(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Copies the store into a new one in `folder`; see `Monitor.store_backup`."""
    return _copied(workspace, workspace.place(), _in_folder(folder), "store-backup")


def store_restore(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Copies a backup into the store of the settings; see `Monitor.store_restore`."""
    if not (folder / _DATABASE).is_file():
        raise UsageError(f"{folder} holds no backup: there is no {_DATABASE}", "check the path")
    return _copied(workspace, _in_folder(folder), workspace.place(), "store-restore")


def store_copy(workspace: Workspace, url: str, blobs: str) -> dict[str, Any]:
    """Copies the store into another one; see `Monitor.store_copy`."""
    target = Place(workspace.store_url(url), workspace.blobs(blobs))
    return _copied(workspace, workspace.place(), target, "store-copy")


def _in_folder(folder: Path) -> Place:
    return Place(f"sqlite:///{(folder / _DATABASE).resolve()}", folder / _BLOBS)


def _copied(workspace: Workspace, source: Place, target: Place, kind: str) -> dict[str, Any]:
    run = Run(kind, workspace)
    if workspace.rehearsal is not None:
        found = planned(source, target)
    else:
        with source.opened() as of, target.opened() as to:
            found = copied(of, to)
    return run.document({"from": source.name, "to": target.name, **vars(found)})
