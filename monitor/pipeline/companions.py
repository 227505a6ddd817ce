"""Columns that travel with the rows: which moved, and what the rows of a topic have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.model import FEWEST_TOLD
from monitor.pipeline.workspace import plain
from monitor.stats.sample import COLUMN

_MOSTLY, _MORE = 0.6, 0.2
"""A value is named that so many rows of a topic share, and so many more than rows before did."""


def moved(normal: pa.Table, current: pa.Table) -> list[dict[str, Any]]:
    """Which columns of the sampled rows are distributed differently."""
    from monitor.columns import moved_columns

    sides = [_columns(side, with_text=True) for side in (normal, current)]
    shared = set(sides[0]) & set(sides[1])
    if not shared:
        return []
    picked = [{name: side[name] for name in sorted(shared)} for side in sides]
    return list(plain(moved_columns(picked[0], picked[1])))


def column_causes(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns that moved, in words, with the value that grew most; the largest growth first."""
    found = []
    for column in columns:
        now, before = column["current"], column["reference"]
        grown = max(now, key=lambda v: now[v] - before.get(v, 0.0), default=None)
        if not column["drifted"] or grown is None:
            continue
        was = before.get(grown, 0.0)
        share = f"{now[grown]:.0%} of rows, {was:.0%} before"
        found.append((was - now[grown], f"column {column['name']} moved: {grown} is {share}"))
    return [sentence for _, sentence in sorted(found)]


def with_company(
    causes: Sequence[str],
    clusters: Sequence[Mapping[str, Any]],
    normal: pa.Table,
    current: pa.Table,
) -> list[str]:
    """The causes, those about a topic that grew with what most of its rows have in common."""
    told = list(causes)
    for cluster in clusters:
        if not cluster["drifted"] or cluster["current_share"] <= cluster["reference_share"]:
            continue
        own = current.filter(pc.equal(current["_cluster"], cluster["id"]))
        company = mostly(_columns(own), _columns(normal))
        name = f"cluster “{cluster['label']}”"
        told = [f"{c}; mostly {company}" if company and name in c else c for c in told]
    return told


def mostly(own: Mapping[str, pa.Array], before: Mapping[str, pa.Array]) -> str:
    """`column = value` of the value that most of the own rows share and that sets them apart most
    from the rows before; "" where there is none.

    >>> it, all_rows = pa.array(["IT"] * 19 + ["FR"]), pa.array(["IT", "FR", "DE", "ES"] * 5)
    >>> mostly({"country": it}, {"country": all_rows})
    'country = IT'
    """
    found = []
    for name in sorted(set(own) & set(before)):
        values = own[name].to_pylist()
        value, n = Counter(values).most_common(1)[0] if len(values) >= FEWEST_TOLD else (None, 0)
        share = n / max(len(values), 1)
        usual = before[name].to_pylist().count(value) / max(len(before[name]), 1)
        if value is not None and share >= max(_MOSTLY, usual + _MORE):
            found.append((share - usual, f"{name} = {value}"))
    return max(found)[1] if found else ""


def _columns(table: pa.Table, with_text: bool = False) -> dict[str, pa.Array]:
    """The user's columns of a sample, each row as often as it occurred."""
    counts = table["_count"].to_numpy()
    table = table.take(pa.array(np.repeat(np.arange(len(counts)), counts)))
    found = {
        name.removeprefix(COLUMN): table[name].combine_chunks()
        for name in table.column_names
        if name.startswith(COLUMN)
    }
    if with_text and table["_text"].null_count < table.num_rows:
        found["text"] = table["_text"].combine_chunks()
    return found
