"""Rows under the wrong id: vectors of the second version that are another item's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Int64
from monitor.versions.frames import Frame, distances
from monitor.versions.identity import RowFacts
from monitor.versions.pairing import Pairs

_MOST_SEARCHED = 2000
_PROBES = 200


@dataclass(frozen=True, eq=False)
class Matches:
    """Whose vector a pair holds.

    pairs: (m,) those that hold another's; owners: (m,) pairs whose earlier vector it is;
    suspects: all pairs that might; searched: how many of these were looked at.
    """

    pairs: Int64
    owners: Int64
    suspects: Int64
    searched: int

    @property
    def share(self) -> float:
        """Share of the searched pairs that hold another's vector."""
        return len(self.pairs) / self.searched if self.searched else 0.0

    @property
    def stands_for_all(self) -> bool:
        """Whether only a sample was searched, nearly all of which hold another's vector."""
        return self.searched < len(self.suspects) and self.share >= 0.9


def matches(
    pairs: Pairs,
    facts: RowFacts,
    frame: Frame,
    suspects: npt.NDArray[np.intp],
    near: float,
) -> Matches:
    """The `suspects` (m,) that hold another item's vector: by hash, else by nearest image.

    near: how near, in units of the frame's spread, a vector is to the image of its owner. Of
    suspects without an equal row at most 2000, evenly spaced, are searched.
    """
    owners = _by_hash(facts, suspects)
    rest = np.flatnonzero(owners < 0)
    sample = rest[:: max(1, -(-len(rest) // _MOST_SEARCHED))]
    if len(sample):
        owners[sample] = _by_search(pairs, facts, frame, suspects[sample], near)
    found = owners >= 0
    seen = np.zeros(len(suspects), bool)
    seen[sample] = True
    return Matches(
        np.asarray(suspects[found], np.int64),
        owners[found],
        np.asarray(suspects, np.int64),
        int((seen | found).sum()),
    )


def constant_offset(places: Int64, matched: Matches) -> tuple[int, float]:
    """The commonest distance from a pair's place to its owner's, and the share that has it.

    places: (n,) row numbers of all pairs. (0, nan) without matches.

    >>> m = Matches(np.array([1, 2, 3]), np.array([0, 1, 2]), np.array([1, 2, 3]), 3)
    >>> constant_offset(np.arange(4), m)
    (-1, 1.0)
    """
    if not len(matched.pairs):
        return 0, float("nan")
    apart = places[matched.owners] - places[matched.pairs]
    offsets, count = np.unique(apart, return_counts=True)
    best = int(np.argmax(count))
    return int(offsets[best]), float(count[best] / len(apart))


def _by_hash(facts: RowFacts, suspects: npt.NDArray[np.intp]) -> Int64:
    """Pairs (m,) whose earlier row equals the suspect's, −1 where none does."""
    order = np.argsort(facts.hash_a, kind="stable")
    table = facts.hash_a[order]
    at = np.searchsorted(table, facts.hash_b[suspects])
    owner = order[np.minimum(at, len(order) - 1)]
    hit = facts.hash_a[owner] == facts.hash_b[suspects]
    own = facts.hash_a[suspects] == facts.hash_b[suspects]
    return np.asarray(np.where(hit & ~own, owner, -1), np.int64)


def _by_search(
    pairs: Pairs, facts: RowFacts, frame: Frame, suspects: npt.NDArray[np.intp], reach: float
) -> Int64:
    """Pairs (m,) whose image is nearest to the suspect's vector, −1 where none is near.

    Near is within `reach`, and within half the usual distance of two images: in few dimensions
    everything is near something.
    """
    known = np.flatnonzero(facts.finite_a & (facts.norm_a > 0))
    probe = known[:: max(1, len(known) // _PROBES)]
    target = frame.target(pairs.rows_b(suspects))
    image = frame.image(pairs.rows_a(probe))
    own = facts.hash_a[probe]
    nearest = np.full(len(suspects), np.inf, np.float32)
    usual = np.full(len(probe), np.inf, np.float32)
    owner = np.full(len(suspects), -1, np.int64)
    for block in pairs.blocks(known):
        images = frame.image(pairs.rows_a(block))
        apart = distances(target, images)
        best = apart.argmin(axis=1)
        low = apart[np.arange(len(best)), best]
        owner = np.where(low < nearest, block[best], owner)
        nearest = np.minimum(nearest, low)
        others = np.where(own[:, None] == facts.hash_a[block], np.inf, distances(image, images))
        usual = np.minimum(usual, others.min(axis=1))
    near = nearest <= min(reach * frame.spread, 0.5 * float(np.median(usual)))
    return np.where(near & (owner != suspects), owner, -1)
