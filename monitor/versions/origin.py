"""Which version made these vectors? Incoming rows against the versions they might be of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.batch import Float64, Int64, Items
from monitor.errors import UsageError
from monitor.versions.lookup import usable
from monitor.versions.measure import Measure, share_of
from monitor.versions.neighbours import Pool, nearest, unit
from monitor.versions.pairing import float32

MOST_ROWS = 2000
MOST_ITEMS = 20_000
FEWEST_ROWS = 30
OTHER = 0.03
"""From this share on, surely, rows are said to be of another version than declared. Up to 2 % are
told wrongly where two trainings share few dimensions."""

_OWN = 500


@dataclass(frozen=True, eq=False)
class Origin:
    """Of which version m sampled rows are.

    rows: (m,) row numbers; of: (m,) the version each is nearest to in its own terms; shares: of the
    rows that are of each version.
    """

    rows: Int64
    of: Int64
    shares: tuple[Measure, ...]

    @property
    def verdict(self) -> str:
        """breaking where rows are surely not of the first version, the declared one; else ok."""
        others = share_of(int((self.of != 0).sum()), len(self.of))
        return "breaking" if others.low > OTHER else "ok"


def origin(rows: Items, versions: Sequence[Items], *, seed: int = 0) -> Origin:
    """Of which of the `versions`, the first of them declared, up to 2,000 rows are.

    A row's cosine to its nearest item of a version is told in robust standard deviations of what
    that version's own items have to each other; the version where it is most usual made it.
    An encoder that is not among the versions does not show: far from all is also what is about
    other things. Versions of another dimension than the rows' cannot have made them. Raises
    UsageError for fewer than two versions or 30 usable rows, and where no version fits.
    """
    if len(versions) < 2:
        raise UsageError("one version says nothing", "give the others that rows may be of")
    rng, all_rows = np.random.default_rng(seed), usable(rows)
    fits = [version.vectors.shape[1] == rows.vectors.shape[1] for version in versions]
    if len(all_rows) < FEWEST_ROWS or not any(fits):
        raise UsageError(
            f"{len(all_rows)} usable rows of {rows.vectors.shape[1]} dimensions cannot be told",
            f"{FEWEST_ROWS} rows are needed, and a version of their dimension",
        )
    some = np.asarray(np.sort(rng.permutation(all_rows)[:MOST_ROWS]), np.int64)
    points = unit(float32(rows.vectors[some]))
    usual = [
        _usual(points, version, rng) if fit else np.full(len(some), -np.inf)
        for version, fit in zip(versions, fits, strict=True)
    ]
    scores = np.stack(usual, axis=1)
    of = np.asarray(scores.argmax(axis=1), np.int64)
    shares = tuple(share_of(int((of == i).sum()), len(of)) for i in range(len(versions)))
    return Origin(some, of, shares)


def _usual(
    points: np.typing.NDArray[np.float32], version: Items, rng: np.random.Generator
) -> Float64:
    """How usual (m,) the nearness of rows to a version's items is among these items."""
    known = usable(version)
    items = np.sort(rng.permutation(known)[:MOST_ITEMS])
    pool = Pool(version.vectors, items, "cosine")
    own = np.sort(rng.permutation(len(items))[:_OWN])
    # A row that is an item of the version has its own vector there; the nearest other one counts.
    near = nearest(pool, points, np.full(len(points), -1), 2).similarity.astype(np.float64)
    nearness = np.where(near[:, 0] > 1 - 1e-4, near[:, 1], near[:, 0])
    usual = nearest(pool, pool.points(own), own, 1).similarity[:, 0].astype(np.float64)
    middle = float(np.median(usual))
    spread = 1.4826 * float(np.median(np.abs(usual - middle))) or 1.0
    return np.asarray((nearness - middle) / spread)
