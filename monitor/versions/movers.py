"""The items that moved most, and the neighbours they gained and lost."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from monitor.batch import Float32, Int64
from monitor.versions.measure import jsonable
from monitor.versions.neighbourhood import K, Neighbourhood
from monitor.versions.neighbours import Nearest, Pool, nearest, overlap
from monitor.versions.pairing import Pairs
from monitor.versions.texts import text_column

MOST = 20
_SHOWN = 5
_LEAST = 0.005


@dataclass(frozen=True)
class Neighbour:
    """An item near another; similarity as in `neighbours.Nearest`."""

    id: str
    similarity: float
    text: str | None = None


@dataclass(frozen=True)
class Mover:
    """An item that moved. residual: its distance from where it was, after alignment, in units
    of the items' spread; overlap: share of its 10 nearest that stay; gained, lost: up to five
    each, nearest first, with their similarity in b and in a."""

    id: str
    residual: float
    overlap: float
    text: str | None
    gained: tuple[Neighbour, ...]
    lost: tuple[Neighbour, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON of a mover."""
        return {**asdict(self), "residual": jsonable(self.residual)}


def movers(
    pairs: Pairs, found: Neighbourhood, sound: Int64, residual: Float32
) -> tuple[Mover, ...]:
    """Up to twenty of the `sound` pairs (m,) with the greatest residual (m,), greatest first.

    Items that hardly moved are none.
    """
    position = np.full(len(pairs), -1, np.int64)
    position[found.members] = np.arange(len(found.members))
    order = np.argsort(-residual, kind="stable")
    order = order[(position[sound[order]] >= 0) & (residual[order] > _LEAST)][:MOST]
    if not len(order) or len(found.members) < 2:
        return ()
    queries = position[sound[order]]
    near_a, near_b = _both(pairs, found, queries)
    shares = overlap(near_a.positions, near_b.positions, near_a.positions.shape[1])
    said = _Said(pairs, found.members)
    return tuple(
        Mover(
            id=said.id(int(query)),
            residual=float(residual[order[i]]),
            overlap=float(shares[i]),
            text=said.text(int(query)),
            gained=said.neighbours(near_b, near_a, i),
            lost=said.neighbours(near_a, near_b, i),
        )
        for i, query in enumerate(queries)
    )


def _both(pairs: Pairs, found: Neighbourhood, queries: Int64) -> tuple[Nearest, Nearest]:
    near = []
    k = min(K, len(found.members) - 1)
    for items, rows in (
        (pairs.a, pairs.pairing.rows_a),
        (pairs.b, pairs.pairing.rows_b),
    ):
        pool = Pool(items.vectors, rows[found.members], pairs.a.metric)
        near.append(nearest(pool, pool.points(queries), queries, k, found.ties))
    return near[0], near[1]


class _Said:
    """Ids and texts of members, by position."""

    def __init__(self, pairs: Pairs, members: Int64) -> None:
        self._ids, self._members = pairs.ids, members
        self._texts = None
        for items, rows in (
            (pairs.a, pairs.pairing.rows_a),
            (pairs.b, pairs.pairing.rows_b),
        ):
            name = text_column(items)
            if name is not None and self._texts is None:
                self._texts, self._rows = items.columns[name], rows

    def id(self, position: int) -> str:
        return str(self._ids[int(self._members[position])].as_py())

    def text(self, position: int) -> str | None:
        if self._texts is None:
            return None
        found = self._texts[int(self._rows[self._members[position]])].as_py()
        return None if found is None else str(found)

    def neighbours(self, near: Nearest, other: Nearest, i: int) -> tuple[Neighbour, ...]:
        """Neighbours of query i in `near` that are not in `other`."""
        gone = ~np.isin(near.positions[i], other.positions[i]) & (near.positions[i] >= 0)
        return tuple(
            Neighbour(self.id(int(p)), round(float(s), 4), self.text(int(p)))
            for p, s in zip(
                near.positions[i][gone][:_SHOWN], near.similarity[i][gone][:_SHOWN], strict=True
            )
        )
