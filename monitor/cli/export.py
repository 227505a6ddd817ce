"""The command that writes what other tools read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import common
from monitor.cli.talk import Talk

_NEXT = {
    "evidently": "evidently ui --workspace {out}",
    "projector": "load vectors.tsv and metadata.tsv at projector.tensorflow.org",
}


@click.command("export")
@click.argument("kind", type=click.Choice(list(_NEXT)))
@click.argument("what")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="Folder that is written into.",
)  # fmt: skip
@common
def export_command(talk: Talk, kind: str, what: str, out: Path) -> None:
    """Write what is stored as another tool reads it.

    evidently: the verdicts of the space WHAT as runs of a project in an Evidently workspace; what
    is there already stays. projector: the rows of SPACE@VERSION, or of a source, for TensorFlow's
    Embedding Projector.

    \b
    Example:
      embmon export evidently searches -o evidently-workspace
      embmon export projector dishes@v2 -o projector
    """
    with talk.monitor() as monitor:
        result = monitor.export(kind, what, out)
    talk.answer(result, export_text)


def export_text(result: Mapping[str, Any], verbose: int) -> list[str]:
    """The answer of `export` in lines."""
    noun = "verdicts" if result["kind"] == "evidently" else "rows"
    following = _NEXT[result["kind"]].format(out=result["out"])
    return [f"Wrote {result['written']:,} {noun} into {result['out']}; next: {following}"]
