"""The store as a whole: checked, upgraded, backed up, brought back, moved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.errors import UsageError
from monitor.pipeline.workspace import Run, Workspace
from monitor.store import Store, copied, open_store

_DATABASE, _BLOBS = "embmon.db", "embmon-blobs"


def store_check(workspace: Workspace) -> dict[str, Any]:
    """What is missing, damaged or otherwise than it should be; see `Monitor.store_check`."""
    problems = list(workspace.store.problems())
    return Run("store-check", workspace).document(
        {"problems": problems, "exit_code": 1 if problems else 0}
    )


def store_upgrade(workspace: Workspace) -> dict[str, Any]:
    """Makes or migrates the tables; see `Monitor.store_upgrade`."""
    with workspace.opened_store(upgrade=True) as store:
        return Run("store-upgrade", workspace).document({"store": store.database.name})


def store_backup(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Copies the store into a new one in `folder`; see `Monitor.store_backup`."""
    with _in_folder(folder) as target:
        return _copied(workspace, workspace.store, target, "store-backup")


def store_restore(workspace: Workspace, folder: Path) -> dict[str, Any]:
    """Copies a backup into the store of the settings; see `Monitor.store_restore`."""
    if not (folder / _DATABASE).is_file():
        raise UsageError(f"{folder} holds no backup: there is no {_DATABASE}", "check the path")
    with _in_folder(folder) as source:
        return _copied(workspace, source, workspace.store, "store-restore")


def store_copy(workspace: Workspace, url: str, blobs: str) -> dict[str, Any]:
    """Copies the store into another one; see `Monitor.store_copy`."""
    with open_store(workspace.store_url(url), workspace.blobs(blobs)) as target:
        return _copied(workspace, workspace.store, target, "store-copy")


def _in_folder(folder: Path) -> Store:
    return open_store(f"sqlite:///{(folder / _DATABASE).resolve()}", folder / _BLOBS)


def _copied(workspace: Workspace, source: Store, target: Store, kind: str) -> dict[str, Any]:
    run = Run(kind, workspace)
    found = copied(source, target)
    names = {"from": source.database.name, "to": target.database.name}
    return run.document({**names, **vars(found)})
