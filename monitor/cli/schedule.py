"""`schedule show`: what starts `embmon run`, for the scheduler you have."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.options import common
from monitor.cli.talk import Talk, envelope


@click.group("schedule")
def schedule_command() -> None:
    """Print what starts the job on time."""


@schedule_command.command("show")
@click.option("--cron", "kind", flag_value="cron", default=True, help="A line for crontab.")
@click.option("--systemd", "kind", flag_value="systemd", help="A service and its timer.")
@click.option("--k8s", "kind", flag_value="k8s", help="A Kubernetes CronJob.")
@click.option("--github", "kind", flag_value="github", help="A GitHub Actions workflow.")
@common
def show_command(talk: Talk, kind: str) -> None:
    """Print what starts `embmon run` as often as `every` of [schedule] says.

    It is printed, not installed.

    \b
    Example:
      embmon schedule show --systemd
      embmon schedule show --k8s > cronjob.yaml
    """
    from monitor.cli.schedules import SCHEDULES

    config = talk.config()
    path = (talk.config_path or Path("embmon.toml")).resolve()
    text = SCHEDULES[kind](config.schedule, path)
    result = {**envelope("schedule"), "kind": kind, "text": text}
    talk.answer(result, lambda shown, _verbose: [text.rstrip("\n")])
