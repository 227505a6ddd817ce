"""Commands to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli import codes
from monitor.cli.options import common
from monitor.cli.standing_text import demo_text, doctor_text
from monitor.cli.talk import Talk, envelope
from monitor.errors import UsageError


@click.command("demo")
@click.argument("folder", metavar="[DIR]", default="embmon-demo", type=click.Path(path_type=Path))
@common
def demo_command(talk: Talk, folder: Path) -> None:
    """Do the main job on sample data, from start to end.

    In DIR [embmon-demo], versions are stored and compared, traffic is split into windows, drift is
    found, an alert fires, and a report is made. It needs no network and no settings.

    \b
    Example:
      embmon demo
    """
    with talk.monitor() as monitor:
        talk.page(monitor.demo(folder), demo_text)


@click.command("init")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("--dry-run", is_flag=True, help="Print the file, write nothing.")
@common
def init_command(talk: Talk, folder: Path, force: bool, dry_run: bool) -> None:
    """Write a commented embmon.toml into DIR [here].

    \b
    Example:
      embmon init
      embmon init --dry-run
    """
    from monitor.cli.settings import template

    path = folder / "embmon.toml"
    result = {**envelope("init"), "path": str(path), "written": not dry_run}
    if dry_run:
        talk.answer({**result, "text": template()}, lambda _result, _verbose: [template().rstrip()])
        return
    _write(path, template(), force)
    talk.answer(result, lambda shown, _verbose: [f"Wrote {shown['path']}; next: embmon doctor"])


@click.command("doctor")
@common
def doctor_command(talk: Talk) -> int:
    """Check settings, store, sources and sinks.

    What is wrong is listed with how to mend it.

    \b
    Example:
      embmon doctor
    """
    with talk.monitor() as monitor:
        result = monitor.doctor()
    talk.answer(result, doctor_text)
    return codes.of_job(result)


def _write(path: Path, text: str, force: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", "--force replaces it") from None
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
