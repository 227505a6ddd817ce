"""Causes that concern single rows: lost vectors, wrong ids, another encoder's vectors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.batch import Int64
from monitor.versions.findings import Cause, Findings
from monitor.versions.frames import EXACT
from monitor.versions.matching import constant_offset
from monitor.versions.outliers import Outliers

ALL = 0.95
"""From this share of the sound rows on, a cause concerns all."""


def row_causes(found: Findings) -> list[Cause]:
    """The causes that name rows, in no order."""
    causes = _fills(found)
    if found.outliers is not None:
        gone = found.outliers
        causes += [*_shuffled(found, gone), *_duplicates(found, gone)]
        causes += [*_random(found, gone), *_replaced(found, gone), *_parted(found, gone)]
    return causes


def _fills(found: Findings) -> list[Cause]:
    kinds = (
        ("zero fill", found.bad.zero, "are all zeros"),
        ("nan fill", found.bad.lost, "hold NaN, infinite or absurdly great values"),
        ("constant fill", found.bad.constant, "are one vector that stands for many items"),
    )
    causes = []
    for cause, flags, what in kinds:
        rows = np.flatnonzero(flags)
        if len(rows):
            evidence = [f"{_of(rows, found)} vectors of b {what}; in a they were not"]
            causes.append(found.named(cause, 0.99, [*evidence, *_others(found)], rows))
    return causes


def _shuffled(found: Findings, gone: Outliers) -> list[Cause]:
    rows = gone.shuffled
    if not len(rows):
        return []
    if gone.matched.stands_for_all:
        rows = gone.matched.suspects
    share = len(rows) / len(found.sound)
    offset, same = _offset(found, gone)
    kind = "all" if share >= ALL else "share"
    evidence = [f"{_of(rows, found)} rows of b hold the vector that another id had in a"]
    confidence = 0.99
    if not found.exact and share < 0.5:
        evidence = [
            f"{_of(rows, found)} rows of b stand to the others as another id's item did in a"
        ]
        confidence = 0.85
    if same >= 0.9 and len(rows) >= 5:
        kind = "off by one" if abs(offset) == 1 else kind
        evidence.append(
            f"{same:.0%} of them hold the vector of the item {abs(offset):,} row(s) "
            f"{'further down' if offset > 0 else 'further up'}"
        )
    evidence += [_example(found, gone), *_others(found)]
    return [found.named(f"ids shuffled ({kind})", confidence, evidence, rows)]


def _offset(found: Findings, gone: Outliers) -> tuple[int, float]:
    """The commonest offset of the owners, in the row order in which it is commoner."""
    orders = (found.pairs.pairing.rows_a, found.pairs.pairing.rows_b)
    offsets = [constant_offset(np.argsort(np.argsort(order)), gone.matched) for order in orders]
    return max(offsets, key=lambda offset: offset[1])


def _duplicates(found: Findings, gone: Outliers) -> list[Cause]:
    rows = gone.copied
    if found.exact and len(rows):
        evidence = [
            f"{_of(rows, found)} rows of b hold a copy of another item's vector, which that "
            "item has too",
            _example(found, gone),
        ]
        return [found.named("duplicates", 0.95, evidence, rows)]
    rows = np.asarray(np.flatnonzero(found.bad.duplicate), np.int64)
    if found.exact or len(rows) < max(5, 0.01 * found.n):
        return []
    evidence = [f"{_of(rows, found)} rows of b share their vector with an item that differed in a"]
    return [found.named("duplicates", 0.8, evidence, rows)]


def _random(found: Findings, gone: Outliers) -> list[Cause]:
    if not len(gone.random):
        return []
    evidence = [
        f"{_of(gone.random, found)} rows of b neither hold another item's vector nor keep any "
        "relation to the others or to each other"
    ]
    if gone.relation < 0.05 or gone.p_value > 0.01:
        evidence.append(
            f"the similarities among them before and after correlate by {gone.relation:.2f} "
            f"(p = {gone.p_value:.2f}); rows of another encoder would keep theirs"
        )
    confidence = 0.95 if len(gone.random) >= 20 else 0.8
    return [found.named("random fill", confidence, [*evidence, *_others(found)], gone.random)]


def _replaced(found: Findings, gone: Outliers) -> list[Cause]:
    rows = gone.replaced
    if not len(rows) or found.framed is None:
        return []
    cosine = float(np.nanmedian(found.facts.cosine[rows]))
    evidence = [f"{_of(rows, found)} rows changed; their median cosine to before is {cosine:.3f}"]
    evidence += _others(found)
    if np.isfinite(gone.relation):
        evidence.append(
            "among themselves they kept their similarities (correlation "
            f"{gone.relation:.2f}, p = {gone.p_value:.3f}): another encoder, not noise"
        )
        confidence = 0.97
    else:
        evidence.append("they are too few to tell another encoder from random vectors")
        confidence = 0.5
    same = found.framed.frame.kind == "same"
    cause = "partly re-embedded" if same else "mixed encoders"
    moved = found.framed.residual[found.framed.split.outside]
    mild = bool(np.median(moved) <= EXACT)
    return [replace(found.named(cause, confidence, evidence, rows), mild=mild)]


def _parted(found: Findings, gone: Outliers) -> list[Cause]:
    """Two encoders in b, neither of them a's."""
    groups = found.groups
    if groups is None or not groups.parted or len(gone.shuffled) or len(gone.random):
        return []
    rows = found.sound[groups.minor]
    if not groups.related:
        evidence = [
            f"{_of(rows, found)} rows of b stand apart from the others and kept no relation to "
            "each other; rows of another encoder would"
        ]
        return [found.named("random fill", 0.85, evidence, rows)]
    evidence = [
        f"b falls in two groups of {len(rows):,} and {len(groups.minor) - len(rows):,} rows",
        f"{groups.crossing_b:.1%} as many neighbours as by chance are of the other group; "
        f"in a it was {groups.crossing_a:.0%}",
        "the smaller group is named here",
    ]
    return [found.named("mixed encoders", 0.95 if groups.strangers else 0.8, evidence, rows)]


def _of(rows: Int64, found: Findings) -> str:
    return f"{len(rows):,} of {found.n:,}"


def _others(found: Findings) -> list[str]:
    """What became of the rows inside the frame, where that is most telling."""
    inside = found.inside
    if not found.exact or not len(inside):
        return []
    equal = int(found.facts.equal[inside].sum())
    if equal == len(inside):
        return [f"the other {equal:,} rows are equal bit for bit"]
    return [f"{len(inside):,} rows are the same but for what else is said here"]


def _example(found: Findings, gone: Outliers) -> str:
    ids = found.pairs.ids
    row, owner = int(gone.matched.pairs[0]), int(gone.matched.owners[0])
    return f"for example {ids[row].as_py()} now holds the vector of {ids[owner].as_py()}"
