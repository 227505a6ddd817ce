"""The store as a whole."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli import codes
from monitor.cli.listing import listing
from monitor.cli.options import common, dry_run_option
from monitor.cli.talk import Talk

_folder = click.argument("folder", type=click.Path(path_type=Path, file_okay=False))


@click.group("store")
def store_command() -> None:
    """Check, upgrade, back up and move the store."""


@store_command.command("check")
@common
def check_command(talk: Talk) -> int:
    """Read all that is stored, and say what is missing or damaged.

    Leaves with code 1 where there is something.

    \b
    Example:
      embmon store check
    """
    with talk.monitor() as monitor:
        result = monitor.store_check()
    talk.answer(result, lambda shown, _: shown["problems"] or ["all of it is sound"])
    return codes.of_job(result)


@store_command.command("upgrade")
@dry_run_option
@common
def upgrade_command(talk: Talk) -> None:
    """Make or migrate the tables for this release.

    A SQLite file is migrated by whatever command opens it first; PostgreSQL, which other hosts may
    be using, only by this one.

    \b
    Example:
      embmon store upgrade
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.store_upgrade(), listing)


@store_command.command("backup")
@_folder
@dry_run_option
@common
def backup_command(talk: Talk, folder: Path) -> None:
    """Copy the store into FOLDER while others use it.

    The copy is a SQLite file and a folder of blobs, whatever the store is kept in; each blob is
    verified on the way.

    \b
    Example:
      embmon store backup backups/2026-11-20
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.store_backup(folder), listing)


@store_command.command("restore")
@_folder
@dry_run_option
@common
def restore_command(talk: Talk, folder: Path) -> None:
    """Copy a backup into the store of the settings, which has to be empty.

    \b
    Example:
      embmon store restore backups/2026-11-20
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.store_restore(folder), listing)


@store_command.command("copy")
@click.argument("url")
@click.argument("blobs")
@dry_run_option
@common
def copy_command(talk: Talk, url: str, blobs: str) -> None:
    """Copy the store into the empty one at URL, with its blobs in BLOBS.

    URL may be env:NAME, so that no password stands in a list of processes.

    \b
    Example:
      embmon store copy postgresql://embmon@db/embmon /srv/embmon/blobs
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.store_copy(url, blobs), listing)
