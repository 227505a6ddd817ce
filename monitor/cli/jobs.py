"""Commands for the clock: run what is configured, see how it stands, tidy up."""

from __future__ import annotations

from datetime import datetime

import click

from monitor.cli import codes
from monitor.cli.clean import cleaned
from monitor.cli.listing import csv_text, listing
from monitor.cli.moments import moment
from monitor.cli.options import common, fail_on, format_option
from monitor.cli.standing_text import history_text, run_text, status_text
from monitor.cli.talk import Result, Talk, Text


@click.command("run")
@click.argument("monitors", nargs=-1)
@click.option("--as-of", type=moment, metavar="T", help="Do what was due at T [now].")
@click.option("--dry-run", is_flag=True, help="Store nothing, send nothing.")
@fail_on("never")
@common
def run_command(
    talk: Talk, monitors: tuple[str, ...], as_of: datetime | None, dry_run: bool, fail_on: str
) -> int:
    """Run the monitors of embmon.toml; the entry for cron.

    Each of MONITORS, or all of them, ingests what is new, checks it, updates and delivers its
    alerts, and renders its report. The exit code is the health of the job: 4 where an alert could
    not be delivered yet, 75 where another run is at work.

    \b
    Example:
      embmon run
      embmon run queries --dry-run -v
    """
    with talk.monitor() as monitor:
        result = monitor.run(monitors, as_of=as_of, dry_run=dry_run)
    talk.answer(result, run_text)
    return codes.of_job(result, fail_on)


@click.command("status")
@format_option("table", "json", "csv")
@common
def status_command(talk: Talk, shape: str) -> None:
    """Show what fires now and what waits to be sent.

    \b
    Example:
      embmon status
      embmon status --format csv
    """
    with talk.monitor() as monitor:
        _list(talk, monitor.status(), shape, "monitors", status_text)


@click.command("history")
@click.argument("space")
@format_option("table", "json", "csv")
@common
def history_command(talk: Talk, space: str, shape: str) -> None:
    """Show the scores of SPACE over time.

    \b
    Example:
      embmon history speeches --format csv
    """
    with talk.monitor() as monitor:
        _list(talk, monitor.history(space), shape, "windows", history_text)


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@common
def gc_command(talk: Talk, dry_run: bool) -> int:
    """Remove files that nothing refers to any more.

    \b
    Example:
      embmon gc --dry-run
    """
    with talk.monitor() as monitor:
        result = monitor.gc(dry_run)
    talk.answer(result, listing)
    return codes.of_job(result)


def _list(talk: Talk, result: Result, shape: str, key: str, text: Text) -> None:
    if shape == "csv" and not talk.as_json:
        talk.say(csv_text(cleaned(result.get(key) or [])))
    else:
        talk.with_json(shape == "json").answer(result, text)
