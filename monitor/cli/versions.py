"""Commands about versions: immutable snapshots of a space's items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from monitor.cli import codes
from monitor.cli.compare_text import audit_text, compare_text
from monitor.cli.gate import answer, gate_options
from monitor.cli.listing import listing
from monitor.cli.options import (
    column_pair,
    columns,
    columns_b_options,
    columns_options,
    common,
    dry_run_option,
    fail_on,
    out_option,
    seed_option,
)
from monitor.cli.talk import Talk


@click.command("snapshot")
@click.argument("space")
@click.argument("version")
@click.argument("source")
@columns_options
@click.option("--parent", metavar="VERSION", help="The version this one was made from.")
@dry_run_option
@common
def snapshot_command(
    talk: Talk, space: str, version: str, source: str, parent: str | None, **rest: Any
) -> None:
    """Store the items of SOURCE as VERSION of SPACE.

    A version never changes: the same content under the same label again does nothing, other
    content is refused.

    \b
    Example:
      embmon snapshot dishes v1 sample_data/dishes_v1.parquet --text text --column label
    """
    with talk.monitor() as monitor:
        result = monitor.snapshot(space, version, source, columns(rest), parent=parent)
    talk.answer(result, listing)


@click.command("versions")
@click.argument("space")
@common
def versions_command(talk: Talk, space: str) -> None:
    """List the versions of SPACE.

    \b
    Example:
      embmon versions dishes
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.versions(space), listing)


@click.command("show")
@click.argument("version", metavar="SPACE@VERSION")
@click.option("--against", metavar="SPACE@VERSION", help="Tell what differs from this version.")
@out_option("the card, about 1 MB; name it .embcard")
@common
def show_command(talk: Talk, version: str, against: str | None, out: Path | None) -> None:
    """Show the card of a version.

    It holds size, digest, contract, lineage and quality. A card file is what `compare` needs of
    a version whose vectors are gone.

    \b
    Example:
      embmon show dishes@v1
      embmon show dishes@v2 --against dishes@v1
      embmon show dishes@v1 -o v1.embcard
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.show(version, against=against, out=out), listing)


@click.command("compare")
@click.argument("a")
@click.argument("b")
@columns_options
@columns_b_options
@click.option(
    "--expect",
    type=click.Choice(["same-encoder", "retrain", "upgrade"]),
    help="What B is meant to be of A; decides how much change is too much.",
)
@click.option("--slice", "slices", metavar="COL", multiple=True, help="Column to slice by [all].")
@click.option("--queries", metavar="SOURCE", help="Queries as vectors for A: which are hurt?")
@click.option(
    "--analogy", "analogies", metavar="ID,ID", multiple=True, help="A pair one step apart."
)
@click.option("--queries-b", metavar="SOURCE", help="The same as vectors for B [--queries].")
@seed_option
@out_option("the HTML report")
@gate_options
@fail_on("breaking", "breaking")
@common
def compare_command(
    talk: Talk, a: str, b: str, shape: str, junit: Path | None, fail_on: str, **rest: Any
) -> int:
    """Compare version B with version A.

    The answer says what changed, why, in which rows, and what breaks by it. A and B are
    SPACE@VERSION, or sources.

    \b
    Example:
      embmon compare dishes@v1 dishes@v2 --expect retrain
      embmon compare old.parquet new.parquet --id sku --json
      embmon compare items@v1 items@v2 --queries asked.v1.npy --queries-b asked.v2.npy
      embmon compare index@live index@next --format markdown --junit embmon.xml
    """
    pair = column_pair(rest)
    queries, queries_b = rest.pop("queries"), rest.pop("queries_b")
    if queries_b and not queries:
        raise click.UsageError("--queries-b needs --queries.")
    asked = (queries, queries_b or queries) if queries else None
    steps = [_pair(text) for text in rest.pop("analogies")]
    with talk.monitor() as monitor:
        result = monitor.compare(a, b, *pair, queries=asked, analogies=steps, **rest)
    code, title = codes.of_answer(result, fail_on), f"compare {a} with {b}"
    return answer(talk, result, compare_text, title=title, code=code, shape=shape, junit=junit)


def _pair(text: str) -> tuple[str, str]:
    start, comma, end = text.partition(",")
    if not (start and comma and end):
        raise click.UsageError(f"--analogy {text!r} is no pair; write ID,ID.")
    return start.strip(), end.strip()


@click.command("audit")
@click.argument("a")
@columns_options
@click.option("--canaries", metavar="SOURCE", help="Texts of A embedded again, under their ids.")
@seed_option
@out_option("the HTML report")
@fail_on("breaking", "breaking")
@common
def audit_command(
    talk: Talk, a: str, canaries: str | None, seed: int, out: Path | None, **rest: Any
) -> int:
    """Look for what is wrong with one index by itself.

    Rows of a second encoder, zero, missing, constant and copied vectors, dead dimensions, hubs.
    A is SPACE@VERSION, or a source.

    \b
    Example:
      embmon audit dishes@v1
      embmon audit items.parquet --canaries fresh.parquet
    """
    fail = rest.pop("fail_on")
    with talk.monitor() as monitor:
        result = monitor.audit(a, columns(rest), canaries=canaries, seed=seed, out=out)
    talk.answer(result, audit_text, headline=True)
    return codes.of_answer(result, fail)


@click.command("coverage")
@click.argument("queries")
@click.argument("corpus")
@columns_options
@click.option(
    "--reference", metavar="SOURCE", help="Queries known to be served; they set the limit."
)
@click.option("--limit", type=float, help="Similarity below which nothing is near [calibrated].")
@seed_option
@common
def coverage_command(
    talk: Talk,
    queries: str,
    corpus: str,
    reference: str | None,
    limit: float | None,
    seed: int,
    **rest: Any,
) -> None:
    """Tell which QUERIES no item of CORPUS is near, by topic.

    Both are SPACE@VERSION, or sources, of one encoder.

    \b
    Example:
      embmon coverage asked.parquet items.parquet --reference asked_last_year.parquet
    """
    with talk.monitor() as monitor:
        found = monitor.coverage(
            queries, corpus, columns(rest), reference=reference, limit=limit, seed=seed
        )
    talk.answer(found, listing)


@click.command("origin")
@click.argument("rows")
@click.argument("versions", nargs=-1, required=True, metavar="DECLARED OTHER...")
@columns_options
@seed_option
@fail_on("breaking", "breaking")
@common
def origin_command(talk: Talk, rows: str, versions: tuple[str, ...], seed: int, **rest: Any) -> int:
    """Tell which version's encoder made the vectors of ROWS.

    Traffic that was embedded by an older or newer version than declared is named, with its share.
    Each version is SPACE@VERSION, or a source.

    \b
    Example:
      embmon origin today.parquet items@v2 items@v1
    """
    fail = rest.pop("fail_on")
    with talk.monitor() as monitor:
        result = monitor.origin(rows, versions, columns(rest), seed=seed)
    talk.answer(result, listing)
    return codes.of_answer(result, fail)


@click.command("neighbors")
@click.argument("a")
@click.argument("item")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--against", metavar="B", help="Version or source to tell gained and lost items of.")
@common
def neighbors_command(talk: Talk, a: str, item: str, k: int, against: str | None) -> None:
    """List the items of version A nearest to ITEM, which is an id or a text.

    \b
    Example:
      embmon neighbors dishes@v1 usda-0042 -k 5
      embmon neighbors dishes@v1 pancakes --against dishes@v2
    """
    with talk.monitor() as monitor:
        talk.answer(monitor.neighbors(a, item, k=k, against=against), listing)
