"""A version's card: what is kept of it when its vectors are gone, about a megabyte."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.batch import Float32, Float64, Int64, Items
from monitor.errors import UsageError
from monitor.packed import packed, unpacked
from monitor.stats.hashing import key_hashes, mixed
from monitor.versions.corrupt import Facts
from monitor.versions.hubness import occurrences
from monitor.versions.lookup import usable
from monitor.versions.measure import Measure, mean_of, share_of
from monitor.versions.neighbours import Pool, nearest
from monitor.versions.pairing import float32
from monitor.versions.spectrum import axes_of

MOST_CANARIES, FEWEST_CANARIES = 400, 64
NEIGHBOURS = 50
SKETCH = 4096
AXES = 64
_CANARY_BYTES = 600_000
_SAMPLE = 20_000
_KIND = "embmon/card/1"

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Card:
    """What is kept of n items of d dimensions.

    ids (c,) and vectors (c, d) of canaries: the items whose ids hash lowest, so that versions of
    the same items have the same; near: (c, 50) hashed ids of their neighbours among all, nearest
    first, 0 for nobody; id_sketch, row_sketch: the 4,096 lowest hashes of ids, and of ids
    with their vectors; norms: (9,) deciles of the lengths, without the ends; grids: (6,) rows
    by code of `lattice`; bad: rows that are zero, and not finite; mean (d,), axes (r, d) and
    variances (r,) of the leading directions; hubs: (h,) items by how often they are a canary's
    neighbour; header: name, n, dtype, metric, contract, hashes of all ids and of all content
    that do not depend on the order.
    """

    ids: pa.Array
    vectors: Float32
    near: Hashes
    id_sketch: Hashes
    row_sketch: Hashes
    norms: Float64
    grids: Int64
    bad: Int64
    mean: Float32
    axes: Float32
    variances: Float64
    hubs: Int64
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def items(self) -> Items:
        """The canaries as items, which compare like any others."""
        name = f"{self.header['name']} (card)"
        return Items(self.ids, self.vectors, metric=self.header["metric"], name=name)

    def to_bytes(self) -> bytes:
        """The card as bytes, of the same content the same."""
        arrays = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("ids", "header")
        }
        said = {**self.header, "kind": _KIND, "ids": self.ids.to_pylist()}
        return packed(arrays, said)


def card_from(data: bytes) -> Card:
    """The card of these bytes. Raises FrameError or UsageError where they are none."""
    arrays, header = unpacked(data)
    if header.pop("kind", None) != _KIND:
        raise UsageError("these bytes are no card", "make one with embmon show SPACE@VERSION -o")
    return Card(ids=pa.array(header.pop("ids"), pa.string()), **arrays, header=header)


def card(items: Items, contract: Mapping[str, Any] | None = None) -> Card:
    """The card of a version; reads each vector twice. UsageError where no vector is usable."""
    rows, facts = usable(items), Facts(items)
    if not len(rows):
        raise UsageError(f"no vector of {items.name or 'the version'} is usable", "embed it again")
    keys = key_hashes(items.ids)
    content = mixed(keys * np.uint64(31) + facts.hash)
    most = min(MOST_CANARIES, max(FEWEST_CANARIES, _CANARY_BYTES // (4 * items.vectors.shape[1])))
    order = np.argsort(keys[rows], kind="stable")
    chosen, positions = rows[order[:most]], order[:most]
    pool = Pool(items.vectors, rows, items.metric)
    found = nearest(pool, pool.points(positions), positions, min(NEIGHBOURS, len(rows) - 1))
    near = np.where(found.positions >= 0, keys[rows[found.positions]], np.uint64(0))
    sample = float32(items.vectors[rows[:: max(1, -(-len(rows) // _SAMPLE))]])
    mean, axes, variances = axes_of(sample, AXES)
    sound = facts.norm[rows]
    return Card(
        ids=items.ids.take(pa.array(chosen)).cast(pa.string()),
        vectors=float32(items.vectors[chosen]),
        near=near.astype(np.uint64),
        id_sketch=_lowest(keys),
        row_sketch=_lowest(content),
        norms=np.quantile(sound, np.arange(1, 10) / 10),
        grids=np.bincount(facts.grid[rows], minlength=6).astype(np.int64),
        bad=np.array([int((facts.norm == 0).sum()), int((~facts.finite).sum())], np.int64),
        mean=mean,
        axes=axes,
        variances=variances,
        hubs=np.bincount(occurrences(found.positions[:, :10], len(rows))).astype(np.int64),
        header={
            "name": items.name,
            "n": len(items),
            "dtype": str(items.vectors.dtype),
            "metric": items.metric,
            "contract": dict(contract or {}),
            "ids_hash": f"{int(keys.sum(dtype=np.uint64)):016x}",
            "content_hash": f"{int(content.sum(dtype=np.uint64)):016x}",
        },
    )


def card_measures(a: Card, b: Card, seed: int = 0) -> dict[str, Measure]:
    """What two cards say of all items, beyond a comparison of their canaries.

    `shared_ids`, `equal_rows`: Jaccard similarity of the ids, and of ids with their vectors, by
    sketches (Broder 1997); `knn_overlap@10_full`, `@50_full`: neighbours kept among all
    items; `norm_ratio` of the median lengths; `translation` in units of a's radius;
    `axes_overlap`: share of the leading directions of a that lie in those of b, only where the
    dimensions are the same.
    """
    rng = np.random.default_rng(seed)
    joined = {one: i for i, one in enumerate(b.ids.to_pylist())}
    pairs = [(i, joined[one]) for i, one in enumerate(a.ids.to_pylist()) if one in joined]
    measures = {
        "shared_ids": _jaccard(a.id_sketch, b.id_sketch),
        "equal_rows": _jaccard(a.row_sketch, b.row_sketch),
        "norm_ratio": Measure(float(b.norms[4] / a.norms[4])),
    }
    if pairs:
        left, right = np.array(pairs).T
        for k in (10, NEIGHBOURS):
            kept = [
                len(set(x[:k].tolist()) & set(y[:k].tolist()) - {0}) / k
                for x, y in zip(a.near[left], b.near[right], strict=True)
            ]
            measures[f"knn_overlap@{k}_full"] = mean_of(np.array(kept), rng)
    if len(a.mean) == len(b.mean):
        radius = float(np.sqrt(a.variances.sum())) or np.nan
        measures["translation"] = Measure(float(np.linalg.norm(a.mean - b.mean)) / radius)
        measures["axes_overlap"] = Measure(float(((a.axes @ b.axes.T) ** 2).sum()) / len(a.axes))
    return measures


def _lowest(hashes: Hashes) -> Hashes:
    return np.unique(hashes)[:SKETCH]


def _jaccard(a: Hashes, b: Hashes) -> Measure:
    """Of the lowest hashes of both together, the share that both hold."""
    both = np.union1d(a, b)[:SKETCH]
    shared = np.isin(both, a) & np.isin(both, b)
    return share_of(int(shared.sum()), len(both))
