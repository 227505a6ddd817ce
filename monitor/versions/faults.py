"""Rows whose vector holds nothing of the item: zero, not finite, or one vector for many items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.batch import Int64
from monitor.versions import lattice
from monitor.versions.identity import Bools, Hashes, RowFacts

_FEWEST = 5
_LEAST_SHARE = 0.002


@dataclass(frozen=True, eq=False)
class Faults:
    """Flags (n,) of rows of b that were sound in a.

    zero: all values 0; lost: NaN or infinite; constant: one vector that stands for many
    different items; duplicate: a vector that stands for two or a few.
    """

    zero: Bools
    lost: Bools
    constant: Bools
    duplicate: Bools

    @property
    def any(self) -> Bools:
        """Rows whose vector holds nothing of the item; a duplicate may hold something."""
        return self.zero | self.lost | self.constant


def faults(facts: RowFacts) -> Faults:
    """The faulty rows; a row that was as faulty in a is none."""
    sound = facts.finite_a & (facts.norm_a > 0)
    full = facts.finite_b & (facts.norm_b > 0)
    # One item may hold its vector by right: the row that is equal to its earlier one.
    items = _items_per_vector(facts.hash_b, facts.hash_a, full)
    # On one bit a dimension, near items share a vector by right.
    coarse = bool(full.any() and (facts.grid_b[full] == lattice.BINARY).mean() > 0.5)
    many = max(_FEWEST, _LEAST_SHARE * len(full), 0.5 * len(full) if coarse else 0)
    changed = full & ~facts.equal
    constant = changed & (items >= many)
    return Faults(
        zero=sound & facts.finite_b & (facts.norm_b == 0),
        lost=sound & ~facts.finite_b,
        constant=constant,
        duplicate=changed & (items >= 2) & ~constant & np.bool_(not coarse),
    )


def _items_per_vector(vectors: Hashes, items: Hashes, full: Bools) -> Int64:
    """For each row, how many different items (hashes of a) share its vector of b."""
    found = np.zeros(len(vectors), np.int64)
    both = np.unique(np.stack([vectors[full], items[full]], axis=1), axis=0)
    distinct, count = np.unique(both[:, 0], return_counts=True)
    found[full] = count[np.searchsorted(distinct, vectors[full])]
    return found
