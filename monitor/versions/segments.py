"""Does one index hold two encoders? Two groups of its rows, and what they are to each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float32, Float64, Int64
from monitor.versions.identity import Bools
from monitor.versions.neighbours import Pool, nearest, unit

K = 10
FEWEST = 50
"""Groups of fewer sampled rows are not judged: too few to know their directions."""

STRANGERS = 0.05
"""Two encoders' covariances agree less than this; one encoder's, on other topics, more."""

FAR = 0.3
"""Groups whose edges cross more than this are neighbours, whatever else they are."""

_APART = 0.05
"""Groups that were found by looking at the vectors must be as far apart as this."""


@dataclass(frozen=True)
class Kinship:
    """What two groups of rows are to each other.

    crossing: share of the edges to the 10 nearest that join the groups, over what chance would
    give; centred: the same once each group's mean is removed (not looked at from `FAR` on);
    covariance: agreement of their covariances, 1 for the same directions, about 0 for unrelated
    ones.
    """

    crossing: float
    centred: float
    covariance: float

    def strangers(self, given: bool) -> bool:
        """Whether the groups have no directions in common and hardly neighbours, as rows of two
        encoders have. given: the groups were not chosen by looking at the vectors; found ones
        must be wholly apart."""
        return self.covariance < STRANGERS and self.crossing < (FAR if given else _APART)

    @property
    def offset(self) -> bool:
        """Whether the groups hold the same content, some way apart: a relative of the encoder
        (other pooling, prefix or preprocessing), or another language."""
        ratio = self.centred / max(self.crossing, 1e-9)
        apart = (ratio > 3 and self.centred > 0.15) or (ratio > 2 and self.centred > 0.35)
        return apart and self.crossing < FAR and self.covariance > 2 * STRANGERS


def kinship(rows: Float32, near: Int64, side: Bools) -> Kinship:
    """Of unit rows (n, d), their nearest (n, k), and the group `side` (n,) against the others."""
    return Kinship(
        crossing(near, side), crossing(_centred(rows, side), side), agreement(rows, side)
    )


def crossing(near: Int64, side: Bools) -> float:
    """Edges of `near` (n, k) that leave their group, over what chance would give.

    >>> crossing(np.array([[1], [0], [3], [2]]), np.array([True, True, False, False]))
    0.0
    """
    share = float(side.mean())
    expected = near.shape[1] * float(np.where(side, 1 - share, share).sum())
    return float((side[:, None] != side[near]).sum()) / expected if expected else 1.0


def agreement(rows: Float32, side: Bools) -> float:
    """Cosine of the covariances of both groups, without the part that is alike in all
    directions, and with the noise of few rows removed by halves."""
    halves = [
        _shapeless(np.cov(part.T)) for group in (rows[side], rows[~side]) for part in _halves(group)
    ]
    cross = float(((halves[0] + halves[1]) * (halves[2] + halves[3])).sum()) / 4
    own = float((halves[0] * halves[1]).sum()) * float((halves[2] * halves[3]).sum())
    return cross / np.sqrt(own) if own > 0 else float("nan")


def two_means(rows: Float32, steps: int = 20) -> Bools:
    """The smaller of two groups (n,) of unit rows, by Lloyd's steps from several starts.

    Starts: either end of the first component, and of the cosine to the mean, which tells
    encoders of unlike anisotropy.
    """
    centred = (rows - rows.mean(axis=0)).astype(np.float64)
    first = centred @ np.linalg.eigh(centred.T @ centred)[1][:, -1]
    along = rows @ rows.mean(axis=0)
    best: tuple[float, Bools] = (np.inf, np.zeros(len(rows), bool))
    for values in (first, along):
        for share in (0.05, 0.1, 0.3, 0.7, 0.9, 0.95):
            side = values > np.quantile(values, share)
            for _ in range(steps):
                if not 0 < side.sum() < len(side):
                    break
                before, side = side, nearer(rows, _means(rows, side))
                if (before == side).all():
                    break
            best = min(best, (_lost(rows, side), side), key=lambda found: found[0])
    side = best[1]
    return side if side.mean() <= 0.5 else ~side


def nearer(rows: Float32, means: Float64) -> Bools:
    """Whether each row (n, d) is nearer to the second of two means (2, d)."""
    between = means[1] - means[0]
    return np.asarray(rows @ between > float(between @ (means[0] + means[1])) / 2)


def group_means(rows: Float32, side: Bools) -> Float64:
    """Mean (2, d) of the rows outside and inside a group."""
    return _means(rows, side)


def neighbours(rows: Float32) -> Int64:
    """The ten nearest (n, 10) of unit rows (n, d) among themselves."""
    all_rows = np.arange(len(rows))
    return nearest(Pool(rows, all_rows, "cosine"), rows, all_rows, K).positions


def _means(rows: Float32, side: Bools) -> Float64:
    return np.stack([rows[~side].mean(axis=0), rows[side].mean(axis=0)]).astype(np.float64)


def _lost(rows: Float32, side: Bools) -> float:
    if not 0 < side.sum() < len(side):
        return np.inf
    means = _means(rows, side)
    return float(((rows - means[side.astype(int)]) ** 2).sum())


def _centred(rows: Float32, side: Bools) -> Int64:
    means = _means(rows, side)
    return neighbours(unit(np.asarray(rows - means[side.astype(int)], np.float32)))


def _halves(rows: Float32) -> tuple[Float32, Float32]:
    return rows[::2], rows[1::2]


def _shapeless(covariance: npt.NDArray[np.float64]) -> Float64:
    size = len(covariance)
    return np.asarray(covariance - np.trace(covariance) / size * np.eye(size))
