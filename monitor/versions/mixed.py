"""Rows of two encoders in one index: declared, in a segment, or anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.batch import Int64
from monitor.versions.audited import Index
from monitor.versions.findings import Cause
from monitor.versions.identity import Bools
from monitor.versions.location import columns_of
from monitor.versions.neighbours import unit
from monitor.versions.pairing import blocks, float32
from monitor.versions.segments import (
    FAR,
    FEWEST,
    Kinship,
    crossing,
    group_means,
    kinship,
    nearer,
    neighbours,
    two_means,
)

_DECLARES = re.compile(
    r"(^|_)(encoder|embedder|model|revision|tokenizer|pooling|prefix|provider)(_|$)", re.IGNORECASE
)
_MOST_VALUES = 50
_BINS = 20
_LOOKED_AT = 10


@dataclass(frozen=True)
class _Segment:
    """Sampled rows (s,) of one place, by its name, and all rows (n,) of it."""

    name: str
    side: Bools
    flags: Bools


def declared(index: Index) -> list[Cause]:
    """Columns that say by which encoder a row was made, with more than one answer."""
    found = []
    for name, values in index.items.columns.items():
        kind = values.type
        text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
        if not text or not _DECLARES.search(name):
            continue
        counted = sorted(values.value_counts().to_pylist(), key=lambda c: -c["counts"])
        if 1 < len(counted) <= _MOST_VALUES:
            said = ", ".join(f"{c['values']} ({c['counts']:,} rows)" for c in counted[:5])
            usual = counted[0]["values"]
            same = pc.equal(values, usual) if usual is not None else values.is_null()
            flags = ~np.asarray(same.fill_null(False), bool)
            found.append(index.named("mixed encoders", 0.97, [f"{name} says: {said}"], flags))
    return found


def mixed(index: Index) -> list[Cause]:
    """The finding of two encoders by the vectors alone, if there is one.

    Segments come first: each value of a column, each stretch of the row order and of a time or
    number. Their edges to the 10 nearest in a sample are counted. Then two groups wherever
    they stand, by 2-means. See `segments.Kinship` for what is held against them.
    """
    if len(index.sample) < 2 * FEWEST:
        return []
    near = neighbours(index.sample)
    found = _anywhere(index, near)
    if found:
        return found
    for segment in _lowest(index, near):
        kin = kinship(index.sample, near, segment.side)
        if kin.strangers(given=True) or kin.offset:
            return [_finding(index, kin, segment.flags, f"rows of {segment.name} against others")]
    return []


def _anywhere(index: Index, near: Int64) -> list[Cause]:
    side = two_means(index.sample)
    if min(side.sum(), (~side).sum()) < FEWEST:
        return []
    kin = kinship(index.sample, near, side)
    if not kin.strangers(given=False) and not kin.offset:
        return []
    means, flags = group_means(index.sample, side), np.zeros(len(index.items), bool)
    for block in blocks(index.rows, index.sample.shape[1]):
        flags[block] = nearer(unit(float32(index.items.vectors[block])), means)
    return [_finding(index, kin, flags, "the rows fall in two groups")]


def _finding(index: Index, kin: Kinship, flags: Bools, what: str) -> Cause:
    evidence = [
        f"{what}: {kin.crossing:.1%} as many edges to the 10 nearest cross as by chance",
        f"their covariances agree by {kin.covariance:.2f} (same directions: 1, unrelated: 0)",
    ]
    if kin.offset:
        evidence.append(
            f"without the mean of each group {kin.centred:.0%} cross: the same content some way "
            "apart, so a relative of the encoder (other pooling, prefix, version), or two languages"
        )
        return index.named("mixed encoders", 0.75, evidence, flags)
    evidence.append("one encoder's vectors share directions even of unlike topics")
    return index.named("mixed encoders", 0.97, evidence, flags)


def _lowest(index: Index, near: Int64) -> list[_Segment]:
    """The segment of each column with the fewest crossing edges, if those are few."""
    best = []
    for segments in _columns(index):
        told = [
            (crossing(near, s.side), i, s)
            for i, s in enumerate(segments)
            if FEWEST <= s.side.sum() <= len(s.side) - FEWEST
        ]
        best += [found for found in told if found[0] < FAR]
    best.sort(key=lambda found: found[0])
    return [segment for _, _, segment in best[:_LOOKED_AT]]


def _columns(index: Index) -> Iterator[list[_Segment]]:
    """Segments by row order, and by each column."""
    n = len(index.items)
    yield _stretches("the row order", index, np.arange(n))
    for name, values in columns_of(index.items.columns, np.arange(n)).items():
        kind, types = values.type, pa.types
        if types.is_temporal(kind) or types.is_floating(kind):
            yield _stretches(name, index, np.asarray(pc.rank(values, tiebreaker="first")) - 1)
        elif types.is_string(kind) or types.is_large_string(kind) or types.is_boolean(kind):
            coded = values.cast(pa.string()).fill_null("").dictionary_encode()
            if 1 < len(coded.dictionary) <= _MOST_VALUES:
                yield _values(name, index, coded)


def _values(name: str, index: Index, coded: pa.DictionaryArray) -> list[_Segment]:
    codes = np.asarray(coded.indices)
    return [
        _Segment(f"{name} = {value}", codes[index.sampled] == code, codes == code)
        for code, value in enumerate(coded.dictionary.to_pylist())
    ]


def _stretches(name: str, index: Index, rank: Int64) -> list[_Segment]:
    """Heads and tails of an order at each twentieth of it."""
    cuts = [round(len(rank) * step / _BINS) for step in range(1, _BINS)]
    found = []
    for cut in cuts:
        flags = rank >= cut if cut > len(rank) / 2 else rank < cut
        found.append(_Segment(f"one end of {name}", flags[index.sampled], flags))
    return found
