"""Commands for the clock: run what is configured, see how it stands, tidy up."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from monitor.cli import codes
from monitor.cli.clean import cleaned
from monitor.cli.listing import csv_text, listing
from monitor.cli.moments import moment
from monitor.cli.nagios import nagios
from monitor.cli.options import common, dry_run_option, fail_on, format_option, out_option
from monitor.cli.standing_text import MOST_WINDOWS, history_text, run_text, status_text
from monitor.cli.talk import Result, Talk, Text


@click.command("run")
@click.argument("monitors", nargs=-1)
@click.option("--as-of", type=moment, metavar="T", help="Do what was due at T [now].")
@dry_run_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Events on standard error: json always, text with -v.",
)
@fail_on("never")
@common
def run_command(
    talk: Talk, monitors: tuple[str, ...], fail_on: str, log_format: str, **when: Any
) -> int:
    """Run the monitors of embmon.toml; the entry for cron.

    Each of MONITORS, or all of them, ingests what is new, checks it, updates and delivers its
    alerts, and renders its report. The exit code is the health of the job: 4 where an alert could
    not be delivered yet, 75 where another run is at work. With -q nothing is printed when all went
    well. With --json, sinks of kind stdout print on standard error.

    \b
    Example:
      embmon run
      embmon run queries --dry-run -v
    """
    with talk.with_log(log_format).monitor() as monitor:
        result = monitor.run(monitors, **when)
    if talk.as_json or talk.dry_run or not talk.quiet or result.get("exit_code"):
        talk.answer(result, run_text)
    return codes.of_job(result, fail_on)


@click.command("backfill")
@click.argument("monitor_name", metavar="MONITOR")
@click.option("--from", "start", type=moment, metavar="T", required=True, help="First moment.")
@click.option("--to", "end", type=moment, metavar="T", required=True, help="First moment after it.")
@click.option(
    "--mode",
    type=click.Choice(["none", "failed", "completed"]),
    default="none",
    show_default=True,
    help="Which windows that were judged are judged again: none, those that could not be, all.",
)
@dry_run_option
@common
def backfill_command(talk: Talk, monitor_name: str, **given: Any) -> None:
    """Judge past windows of MONITOR.

    What is new in its source is ingested first. Windows without a verdict are judged always, by the
    reference of today. Nobody is alerted of the past: only windows later than the last one that
    was judged change how alerts stand.

    \b
    Example:
      embmon backfill queries --from 2026-11-01 --to 2026-11-08 --mode failed
    """
    with talk.monitor() as monitor:
        result = monitor.backfill(monitor_name, **given)
    talk.answer(result, listing)


@click.command("status")
@format_option("table", "json", "csv", "nagios")
@out_option("the page")
@common
def status_command(talk: Talk, shape: str, out: Path | None) -> int:
    """Show what fires now and what waits to be sent.

    With --format nagios it is a plugin of Nagios, Icinga or Checkmk: one line, and code 0 for OK,
    1 for WARNING, 2 for CRITICAL and 3 for UNKNOWN.

    \b
    Example:
      embmon status
      embmon status --format nagios
      embmon status -o status.html
    """
    with talk.monitor() as monitor:
        result = monitor.status(out=out)
    if out is not None:
        talk.page(result, status_text)
        return 0
    if shape == "nagios":
        code, line = nagios(cleaned(result))
        talk.say(line)
        return code
    _list(talk, result, shape, "monitors", status_text)
    return 0


@click.command("mark")
@click.argument("space")
@click.argument("text")
@click.option("--at", type=moment, metavar="T", help="When it happened [now].")
@dry_run_option
@common
def mark_command(talk: Talk, space: str, text: str, at: datetime | None) -> None:
    """Mark a deploy or another event on the trend of SPACE.

    \b
    Example:
      embmon mark queries "encoder 2.1 rolled out" --at 2026-11-20T08:00Z
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.mark(space, text, at=at), listing)


@click.command("history")
@click.argument("space")
@click.option(
    "--last",
    type=click.IntRange(1),
    metavar="N",
    help="Only the last N windows [as a table: 30 without -v; else all].",
)
@format_option("table", "json", "csv")
@common
def history_command(talk: Talk, space: str, last: int | None, shape: str) -> None:
    """Show the scores of SPACE over time.

    \b
    Example:
      embmon history speeches --format csv
      embmon history speeches --last 7
    """
    short = shape == "table" and not talk.as_json and not talk.verbose
    with talk.monitor() as monitor:
        found = monitor.history(space, last or (MOST_WINDOWS if short else None))
    _list(talk, found, shape, "windows", history_text)


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
