"""Commands that make HTML."""

from __future__ import annotations

from pathlib import Path

import click

from monitor.cli.moments import window_choice
from monitor.cli.options import common, out_option
from monitor.cli.talk import Talk


@click.command("report")
@click.argument("space")
@click.option(
    "--window",
    type=window_choice,
    metavar="latest|T",
    help="Which window [of the last incident, else the last].",
)
@out_option("the page [in the folder of reports]")
@common
def report_command(talk: Talk, space: str, window: str | None, out: Path | None) -> None:
    """Render the report of SPACE as one HTML file.

    The file opens without a network.

    \b
    Example:
      embmon report speeches -o speeches.html
    """
    with talk.monitor() as monitor:
        talk.page(monitor.report(space, window=window, out=out))


@click.command("render")
@click.argument("run_json", type=click.Path(path_type=Path, dir_okay=False))
@out_option("the page; .md gets Markdown, .svg and .png a picture")
@click.option("--fragment", is_flag=True, help="HTML to put into another page, without scripts.")
@common
def render_command(talk: Talk, run_json: Path, out: Path | None, fragment: bool) -> None:
    """Render a run's JSON: HTML, Markdown for requests, a picture for mail.

    \b
    Example:
      embmon drift a.parquet b.parquet --json > run.json
      embmon render run.json -o run.html
      embmon render run.json -o comment.md
      embmon render run.json -o mail.png
    """
    with talk.monitor() as monitor:
        page = out or run_json.with_suffix(".html")
        talk.page(monitor.render(run_json, page, fragment=fragment))
