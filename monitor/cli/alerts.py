"""The alert book."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from monitor.cli import codes
from monitor.cli.listing import listing
from monitor.cli.moments import moment
from monitor.cli.options import common, dry_run_option
from monitor.cli.talk import Talk


@click.group("alerts")
def alerts_command() -> None:
    """Show, acknowledge, test and deliver alerts."""


@alerts_command.command("list")
@common
def list_command(talk: Talk) -> None:
    """List the alerts with their state and fingerprint.

    \b
    Example:
      embmon alerts list
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.alerts_list(), listing)


@alerts_command.command("show")
@click.argument("id")
@common
def show_command(talk: Talk, id: str) -> None:
    """Show one alert.

    That is its labels, its changes of state and its deliveries.

    \b
    Example:
      embmon alerts show 3f9a1c0d
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.alerts_show(id), listing)


@alerts_command.command("test")
@click.argument("sink")
@dry_run_option
@common
def test_command(talk: Talk, sink: str) -> int:
    """Send a test message to SINK.

    It takes the very path that real alerts take: one message that fires, and one that it is over.

    \b
    Example:
      embmon alerts test ops
    """
    with talk.monitor() as monitor:
        result = monitor.alerts_test(sink)
    talk.answer(result, listing)
    return codes.of_job(result)


@alerts_command.command("ack")
@click.argument("fingerprint")
@dry_run_option
@common
def ack_command(talk: Talk, fingerprint: str) -> None:
    """Acknowledge an alert: someone is on it.

    \b
    Example:
      embmon alerts ack 3f9a1c0d
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.alerts_ack(fingerprint), listing)


@alerts_command.command("silence")
@click.argument("matchers", nargs=-1, metavar="[LABEL=PATTERN]...")
@click.option("--for", "length", default="2h", show_default=True, help="How long: 2h, 1d, 1w.")
@click.option("--from", "start", type=moment, metavar="T", help="When it begins [now].")
@click.option("--comment", default="", help="Why.")
@click.option("--author", help="Who [the user that types].")
@click.option("--end", metavar="ID", help="End this silence now, instead of making one.")
@dry_run_option
@common
def silence_command(
    talk: Talk, matchers: tuple[str, ...], end: str | None, start: datetime | None, **rest: Any
) -> None:
    """Mute the alerts that match, for a while.

    Labels are alertname, monitor, space, segment and severity; a pattern may hold *. Alerts go on
    changing meanwhile: what still fires at the end of a silence is said then.

    \b
    Example:
      embmon alerts silence monitor=queries --for 4h --comment "encoder roll-out"
      embmon alerts silence severity=warning space=dish* --for 1d
      embmon alerts silence --end 3f9a1c0d
    """
    with talk.monitor() as monitor:
        if end is not None:
            talk.answer(monitor.alerts_unsilence(end), listing)
        else:
            talk.answer(monitor.alerts_silence(_labels(matchers), start=start, **rest), listing)


@alerts_command.command("flush")
@click.option("--again", is_flag=True, help="Also what was given up within a week.")
@dry_run_option
@common
def flush_command(talk: Talk, again: bool) -> int:
    """Say now what has to be said, and deliver what waits in the outbox.

    With --again also what was given up, once the sink is mended.

    \b
    Example:
      embmon alerts flush
      embmon alerts flush --again
    """
    with talk.monitor() as monitor:
        result = monitor.alerts_flush(again=again)
    talk.answer(result, listing)
    return codes.of_job(result)


def _labels(matchers: tuple[str, ...]) -> dict[str, str]:
    wrong = next((one for one in matchers if "=" not in one), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not LABEL=PATTERN, such as monitor=queries.")
    return {label: pattern for label, _, pattern in (one.partition("=") for one in matchers)}
