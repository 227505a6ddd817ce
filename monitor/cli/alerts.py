"""The alert book."""

from __future__ import annotations

import click

from monitor.cli import codes
from monitor.cli.listing import listing
from monitor.cli.options import common
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
@common
def test_command(talk: Talk, sink: str) -> int:
    """Send a test message to SINK.

    It takes the very path that real alerts take.

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
@common
def ack_command(talk: Talk, fingerprint: str) -> None:
    """Acknowledge an alert: someone is on it.

    \b
    Example:
      embmon alerts ack 3f9a1c0d
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.alerts_ack(fingerprint), listing)


@alerts_command.command("flush")
@common
def flush_command(talk: Talk) -> int:
    """Deliver now what waits in the outbox.

    \b
    Example:
      embmon alerts flush
    """
    with talk.monitor() as monitor:
        result = monitor.alerts_flush()
    talk.answer(result, listing)
    return codes.of_job(result)
