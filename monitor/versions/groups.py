"""Whether the second version falls in two groups that the first does not know: two encoders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64
from monitor.versions.frames import Frame
from monitor.versions.identity import Bools
from monitor.versions.mixture import coherence
from monitor.versions.neighbourhood import K, Neighbourhood
from monitor.versions.neighbours import unit
from monitor.versions.pairing import Pairs
from monitor.versions.relations import panel_of

_FIT_ROWS = 4000
_STEPS = 20


@dataclass(frozen=True, eq=False)
class Groups:
    """Two groups of pairs.

    minor: (m,) flags of the smaller one; crossing_a, crossing_b: share of the edges to the 10
    nearest that join the groups, over what chance would give: about 1 where the groups are
    mixed, 0 where they are strangers. related: whether the smaller group kept its similarities
    among itself, as another encoder's rows do and random rows do not.
    """

    minor: Bools
    crossing_a: float
    crossing_b: float
    related: bool

    @property
    def strangers(self) -> bool:
        """Whether the groups are no neighbours at all now, and were before."""
        return self.crossing_b < 0.02 and self.crossing_a > 0.1

    @property
    def parted(self) -> bool:
        """Whether the groups were wholly mixed before and hardly are now."""
        return self.strangers or (self.crossing_b < 0.2 and self.crossing_a > 0.8)


def groups(
    pairs: Pairs,
    near: Neighbourhood,
    frame: Frame,
    sound: npt.NDArray[np.intp],
    rng: np.random.Generator,
) -> Groups:
    """The `sound` pairs (m,) in two groups by what the frame leaves unexplained (2-means).

    Two encoders differ in their mean vector at least, which shows there. No such groups is no
    proof of one encoder: two whose means agree are not told apart.
    """
    sample = sound[:: max(1, -(-len(sound) // _FIT_ROWS))]
    centres = _centres(_left(pairs, frame, sample))
    sides = [_nearer(_left(pairs, frame, block), centres) for block in pairs.blocks(sound)]
    side = np.concatenate(sides)
    minor = side if side.mean() <= 0.5 else ~side
    known = np.full(len(pairs), -1, np.int8)
    known[sound] = minor
    of_members = known[near.members]
    some = panel_of(sound[minor])
    relation, p_value = coherence(pairs.rows_a(some), pairs.rows_b(some), rng)
    return Groups(
        minor,
        _crossing(of_members, near.queries, near.near_a),
        _crossing(of_members, near.queries, near.near_b),
        related=relation >= 0.05 and p_value <= 0.01,
    )


def _left(pairs: Pairs, frame: Frame, rows: npt.NDArray[np.intp]) -> Float32:
    """What is left (m, e) of unit target rows beyond their images."""
    target, image = frame.target(pairs.rows_b(rows)), frame.image(pairs.rows_a(rows))
    return np.asarray(unit(target) - unit(image), np.float32)


def _centres(rows: Float32) -> Float64:
    """Two centres (2, e) by Lloyd's steps, begun at either end of the first component."""
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    axis = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    along = centred @ axis
    best: tuple[float, Float64] = (np.inf, np.zeros((2, rows.shape[1])))
    for share in (0.05, 0.3, 0.5, 0.7, 0.95):
        side = along > np.quantile(along, share)
        centres = np.zeros((2, rows.shape[1]))
        for _ in range(_STEPS):
            if not 0 < side.sum() < len(side):
                break
            centres = np.stack([rows[~side].mean(axis=0), rows[side].mean(axis=0)])
            side = _nearer(rows, centres)
        apart = rows - centres[side.astype(int)]
        best = min(best, (float((apart**2).sum()), centres), key=lambda found: found[0])
    return best[1]


def _nearer(rows: Float32, centres: Float64) -> Bools:
    """Whether each row (n, e) is nearer to the second centre."""
    between = centres[1] - centres[0]
    return np.asarray(rows @ between > float(between @ (centres[0] + centres[1])) / 2)


def _crossing(
    side: npt.NDArray[np.int8], queries: npt.NDArray[np.intp], near: npt.NDArray[np.int64]
) -> float:
    """Share of the first 10 edges that cross, over its expectation without any structure."""
    own, other = side[queries][:, None], side[near[:, :K]]
    told = (own >= 0) & (other >= 0) & (near[:, :K] >= 0)
    share = float((side[side >= 0]).mean()) if (side >= 0).any() else 0.0
    minor = float(((own == 1) & told).sum()) * (1 - share)
    expected = minor + float(((own == 0) & told).sum()) * share
    crossing = float((told & (own != other)).sum())
    return crossing / expected if expected > 0 else 1.0
