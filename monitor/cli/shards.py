"""Traffic profiled in shards, for schedulers that run many tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from monitor.cli.listing import listing
from monitor.cli.options import (
    columns,
    columns_options,
    common,
    dry_run_option,
    out_option,
    window_options,
)
from monitor.cli.talk import Talk


def shard_of(text: str) -> tuple[int, int]:
    """Which of how many shards, counted from 1: `2/8`."""
    number, _, shards = text.partition("/")
    if not (number.isdecimal() and shards.isdecimal() and 1 <= int(number) <= int(shards)):
        raise click.BadParameter(f"{text!r} is no shard; write 1/8 for the first of eight.")
    return int(number), int(shards)


@click.command("profile")
@click.argument("space")
@click.argument("source")
@columns_options
@window_options
@click.option(
    "--shard",
    type=shard_of,
    metavar="I/N",
    default="1/1",
    show_default=True,
    help="Every N-th file, from I on.",
)
@out_option("the profiles", required=True)
@common
def profile_command(
    talk: Talk,
    space: str,
    source: str,
    shard: tuple[int, int],
    out: Path,
    every: str,
    sample: int,
    segment: tuple[str, ...],
    **rest: Any,
) -> None:
    """Profile files of traffic into a file for `merge`.

    For tasks of any scheduler: each takes every N-th file of the pattern SOURCE, and only reads the
    store. SPACE has a basis by then: ingest one file first.

    \b
    Example:
      embmon profile queries "days/*.parquet" --at ts --shard 2/8 -o part-2.profiles
    """
    with talk.monitor() as monitor:
        how = {"every": every, "sample": sample, "segments": segment}
        result = monitor.profile(space, source, columns(rest), out=out, shard=shard, **how)
    talk.answer(result, listing)


@click.command("merge")
@click.argument("space")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@dry_run_option
@common
def merge_command(talk: Talk, space: str, files: tuple[Path, ...]) -> None:
    """Add profiles that `profile` wrote to SPACE.

    What is stored is what `ingest` of each file would have stored, to the byte; the same again
    changes nothing.

    \b
    Example:
      embmon merge queries part-*.profiles
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.merge(space, files), listing)
