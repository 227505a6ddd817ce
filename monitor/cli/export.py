"""The command that writes what other tools read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from monitor.cli.options import common
from monitor.cli.talk import Talk

_TOLD = {
    "atlas": "Wrote a map of {written:,} rows into {out}; next: embedding-atlas {out}/map.parquet "
    "--x x --y y --text text --labels {out}/labels.parquet",
    "evidently": "Wrote {written:,} verdicts into {out}; next: evidently ui --workspace {out}",
    "mlflow": "Logged {what} to run {written} of {out}; next: mlflow ui --backend-store-uri {out}",
    "projector": "Wrote {written:,} rows into {out}; next: load vectors.tsv and metadata.tsv at "
    "projector.tensorflow.org",
}


@click.command("export")
@click.argument("kind", type=click.Choice(list(_TOLD)))
@click.argument("what")
@click.option(
    "-o", "--out", required=True, metavar="FOLDER|URI",
    help="Folder that is written into; mlflow: the tracking server or its database.",
)  # fmt: skip
@click.option("--model", metavar="NAME/VERSION", help="mlflow: the registered version it is about.")
@common
def export_command(talk: Talk, kind: str, what: str, out: str, model: str | None) -> None:
    """Write what is stored, or was answered, as another tool reads it.

    atlas: the map and the topics of a report, WHAT being the JSON beside it, for Apple's
    embedding-atlas. evidently: the verdicts of the space WHAT as runs of a project in an Evidently
    workspace; what is there already stays. mlflow: the answer WHAT of compare, drift, check or
    audit with --json: numbers as metrics, verdict and cause as tags, JSON and page as artifacts.
    projector: the rows of SPACE@VERSION, or of a source, for TensorFlow's Embedding Projector.

    \b
    Example:
      embmon export evidently searches -o evidently-workspace
      embmon export projector dishes@v2 -o projector
      embmon export atlas reports/searches/2026-11-04T0000.json -o atlas
      embmon export mlflow compared.json -o sqlite:///mlflow.db --model items/3
    """
    with talk.monitor() as monitor:
        result = monitor.export(kind, what, out, model=model)
    talk.answer(result, export_text)


def export_text(result: Mapping[str, Any], verbose: int) -> list[str]:
    """The answer of `export` in lines."""
    return [_TOLD[result["kind"]].format(**result)]
