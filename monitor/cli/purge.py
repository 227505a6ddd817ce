"""`purge`: what the store must not hold any longer."""

from __future__ import annotations

from typing import Any

import click

from monitor.cli.listing import listing
from monitor.cli.options import common, dry_run_option
from monitor.cli.talk import Talk


@click.command("purge")
@click.argument("space", required=False)
@click.option("--subject", metavar="ID", help="Whom to forget: an id or entity of rows.")
@click.option(
    "--column", "columns", metavar="COL", multiple=True, help="A further column that holds ID."
)
@click.option("--older-than", metavar="LENGTH", help="What to forget: windows older than 90d.")
@click.option("--log", "trail", is_flag=True, help="Show what was purged until now.")
@dry_run_option
@common
def purge_command(talk: Talk, space: str | None, trail: bool, **what: Any) -> None:
    """Forget a person's rows, or old windows, in SPACE or everywhere.

    Takes them out of samples, versions, documents, messages and pages. Counts and sums stay, and so
    do backups and what was sent. Your own files are not touched: purge them first.

    \b
    Example:
      embmon purge --subject user-4711 --dry-run
      embmon purge queries --older-than 400d
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.purges() if trail else monitor.purge(space, **what), listing)
