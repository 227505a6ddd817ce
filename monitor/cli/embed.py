"""The command that makes vectors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from monitor.cli.options import common, options, seed_option
from monitor.cli.talk import Talk

METHODS = ("one-hot", "lookup", "pca", "svd", "tfidf-svd", "als", "words", "encoder")

_what = options(
    click.option("--text", metavar="COL", help="Column of the texts or categories."),
    click.option("--id", metavar="COL", help="Column of the ids [row numbers]."),
    click.option("--column", metavar="COL", multiple=True, help="A further column to keep."),
    click.option("--weights", metavar="SOURCE", help="lookup, words: the table of vectors."),
    click.option("--user", metavar="COL", default="user", show_default=True, help="als: users."),
    click.option("--item", metavar="COL", default="item", show_default=True, help="als: items."),
    click.option(
        "--rating", metavar="COL", default="rating", show_default=True, help="als: ratings."
    ),
)

_how = options(
    click.option(
        "--dim", type=click.IntRange(1, 65_536), default=64, show_default=True,
        help="pca, svd, tfidf-svd, als: dimensions.",
    ),
    click.option("--model", metavar="FOLDER", help="encoder: the model, a folder or a hub name."),
    click.option(
        "--pooling", type=click.Choice(["mean", "cls", "last"]), default="mean",
        show_default=True, help="encoder: how tokens become one vector.",
    ),
    click.option(
        "--layer", default="-1", show_default=True,
        help="encoder: a hidden layer from 0, or last4 for the mean of the last four.",
    ),
    click.option("--prefix", default="", help="encoder: put before each text."),
    click.option("--max-length", type=click.IntRange(1), help="encoder: most tokens of a text."),
    click.option(
        "--normalise/--no-normalise", default=True, show_default=True,
        help="tfidf-svd, words, encoder: vectors of unit length.",
    ),
    click.option(
        "--outputs", type=click.IntRange(1), default=100, show_default=True,
        help="M of the layer whose weights are counted.",
    ),
)  # fmt: skip


@click.command("embed")
@click.argument("method", type=click.Choice(METHODS))
@click.argument("source")
@click.option(
    "-o", "--out", required=True, type=click.Path(path_type=Path, dir_okay=False),
    help="File of the vectors: Parquet, .npz of one-hot.",
)  # fmt: skip
@_what
@_how
@seed_option
@common
def embed_command(
    talk: Talk, method: str, source: str, out: Path, outputs: int, **rest: Any
) -> None:
    """Embed SOURCE by METHOD, and say what the vectors cost.

    Baselines that need no deep network: one-hot, lookup in a table, PCA, truncated SVD, TF-IDF with
    SVD, factors of ratings, means of word vectors; and an encoder, pooled as you like.

    \b
    Example:
      embmon embed tfidf-svd sample_data/dishes_v1.parquet --text text --id id -o dishes.parquet
      embmon embed encoder texts.csv --text name --model ./all-MiniLM-L6-v2 -o texts.parquet
    """
    with talk.monitor() as monitor:
        rest["keep"] = tuple(rest.pop("column"))
        result = monitor.embed(method, source, out, outputs=outputs, **rest)
    talk.answer(result, embed_text)


def embed_text(result: Mapping[str, Any], verbose: int) -> list[str]:
    """The answer of `embed` in lines."""
    cost = result["cost"]
    lines = [
        f"Wrote {result['out']}: {cost['rows']:,} vectors of {cost['dim']:,} dimensions",
        f"  {cost['bytes']:,} bytes, {cost['source_bytes']:,} before "
        f"({cost['compression']:.3g} to 1)",
    ]
    if cost["weights"]:
        w = cost["weights"]
        line = f"  a layer of {w['outputs']:,} on top: {w['one_hot']:,} weights from one-hot"
        if "dense" in w:
            line += f", {w['dense']:,} from these, and {w['table']:,} of the table"
        lines.append(line)
    if cost["carried"]:
        c = cost["carried"]
        lines.append(
            f"  {c['d90']} dimensions carry 90 % of the variance, {c['d99']} carry 99 % "
            f"(participation ratio {c['participation']:.1f})"
        )
    return lines
