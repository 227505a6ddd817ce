"""Canary replay: texts of an index embedded again by its encoder, against what is stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from monitor.batch import Items
from monitor.errors import UsageError
from monitor.versions.audited import Index
from monitor.versions.findings import Cause
from monitor.versions.location import columns_of, place
from monitor.versions.measure import share_of
from monitor.versions.neighbours import unit
from monitor.versions.pairing import float32, pairing

SAME = 0.99
"""An int8 export, other kernels or float16 keep the cosine above this; other pooling, layers,
prefixes or revisions do not."""

FEWEST = 20
_MANY = 0.01
_ALL = 0.95


@dataclass(frozen=True)
class Replay:
    """What the replay proved: findings, a note for where there are none, and whether surely a
    hundredth of the index or more is not the encoder's."""

    findings: tuple[Cause, ...]
    notes: tuple[str, ...]
    breaking: bool


def replay(index: Index, canaries: Items) -> Replay:
    """Stored vectors of an index against fresh ones of the same ids.

    A canary is the encoder's where the cosine of both is at least .99. Raises UsageError for
    another dimension, and where fewer than 20 ids are usable on both sides.
    """
    widths = index.items.vectors.shape[1], canaries.vectors.shape[1]
    if widths[0] != widths[1]:
        raise UsageError(
            f"the canaries have {widths[1]} dimensions, the index has {widths[0]}",
            "embed the texts by the encoder of the index, with its options",
        )
    joined = pairing(index.items.ids, canaries.ids)
    stored = float32(index.items.vectors[joined.rows_a])
    fresh = float32(canaries.vectors[joined.rows_b])
    sound = np.isin(joined.rows_a, index.rows) & np.isfinite(fresh).all(axis=1) & fresh.any(axis=1)
    rows = joined.rows_a[sound]
    if len(rows) < FEWEST:
        raise UsageError(
            f"{len(rows)} canaries are in the index with usable vectors; {FEWEST} are needed",
            "give vectors of its texts under their ids, 200 of them at random",
        )
    cosine = (unit(stored[sound]) * unit(fresh[sound])).sum(axis=1)
    other = cosine < SAME
    share = share_of(int(other.sum()), len(rows))
    middle = f"median cosine {np.median(cosine):.4f}"
    if not other.any():
        note = (
            f"canary replay: all {len(rows):,} texts embedded again are as stored ({middle}); "
            f"hardly more than {share.high:.1%} of the index can be another encoder's"
        )
        return Replay((), (note,), breaking=False)
    evidence = [
        f"{int(other.sum()):,} of {len(rows):,} texts embedded again are not what is stored "
        f"({middle}, of these {np.median(cosine[other]):.4f})",
        f"so {share.low:.1%} to {share.high:.1%} of the index are not this encoder's (95 %)",
    ]
    cause = "other encoder" if share.value >= _ALL else "mixed encoders"
    found = place(other, rows, columns_of(index.items.columns, rows))
    ids = index.items.ids.take(pa.array(rows[other]))
    where = None if found is None else found.name
    told = Cause(cause, 0.99, tuple(evidence), int(other.sum()), ids, where)
    return Replay((told,), (), breaking=share.low >= _MANY)
