"""Traffic against a corpus: which share of a window's rows an item of it is near."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from monitor.arrowed import numpy_numbers
from monitor.batch import Batch
from monitor.profiles import Profile
from monitor.rowkeys import keys, usable
from monitor.stats.sample import COLUMN

if TYPE_CHECKING:
    from monitor.versions import Corpus

NEAREST = "nearest_item"
"""The column of sampled rows that tells the similarity of the item nearest to each."""
SERVED = 0.95
"""Share of the reference's rows that the limit lets pass."""
FEWEST_ROWS = 50
FEWEST_WINDOWS = 8
"""Windows of a reference below which it is not known how much the share varies."""
GAP = 0.02
"""A share is too low only if it is so much below the usual one."""

Usual = Mapping[str, float]


def told(batch: Batch, corpus: Corpus, most: int) -> Batch:
    """The rows with the column NEAREST, for the `most` rows that a sample of so many may keep:
    those whose hash is smallest. The others' is null."""
    able = np.flatnonzero(usable(batch))
    order = np.argsort(keys(batch).identities[able], kind="stable")
    rows = np.sort(able[order[:most]])
    near = np.full(len(batch), np.nan)
    near[rows] = corpus.similarity(batch.vectors[rows])
    return replace(batch, columns={**batch.columns, NEAREST: pa.array(near, mask=np.isnan(near))})


def usual(windows: Iterable[Profile]) -> dict[str, float] | None:
    """What is usual over the windows of a reference: `limit`, the similarity that 5 % of all rows
    do not reach; `share` and `spread`, mean and deviation of the windows' shares of rows that do;
    `windows`, how many. None where fewer than 50 rows are told."""
    known = [values for one in windows if len(values := _similarities(one)) >= FEWEST_ROWS]
    if not known:
        return None
    limit = float(np.quantile(np.concatenate(known), 1 - SERVED))
    shares = np.array([(values >= limit).mean() for values in known])
    spread = float(shares.std(ddof=1)) if len(shares) > 1 else 0.0
    return {
        "limit": limit,
        "share": float(shares.mean()),
        "spread": spread,
        "windows": float(len(shares)),
    }


def coverage(profile: Profile, normal: Usual | None, n_eff: float, odds: float) -> dict[str, Any]:
    """What a window says of its rows and the corpus, in JSON; empty where it says nothing.

    `fewer`: whether the share is lower than `least`, which a window like those of the reference
    is below once in 1 / `odds`, by Student's t, and by 2 % of the rows at least.
    """
    from monitor.versions.measure import share_of

    near = _similarities(profile)
    if normal is None or len(near) < FEWEST_ROWS:
        return {}
    share = float((near >= normal["limit"]).mean())
    n = max(1, round(min(len(near), n_eff)))
    told, least = share_of(round(share * n), n), _least(normal, n, odds)
    return {
        "covered": share,
        "low": told.low,
        "high": told.high,
        "rows": len(near),
        "limit": normal["limit"],
        "usual": normal["share"],
        "least": least,
        "fewer": least is not None and share < least,
    }


def _least(normal: Usual, n: int, odds: float) -> float | None:
    from scipy.stats import t

    k, p = int(normal["windows"]), normal["share"]
    if k < FEWEST_WINDOWS:
        return None
    spread = max(normal["spread"], math.sqrt(p * (1 - p) / n))
    reach = float(t.isf(odds, k - 1)) * spread * math.sqrt(1 + 1 / k)
    return max(0.0, p - max(reach, GAP))


def _similarities(profile: Profile) -> npt.NDArray[np.float64]:
    """The similarities that the sampled rows tell."""
    kept = profile.sample.kept
    if COLUMN + NEAREST not in kept.column_names:
        return np.zeros(0)
    return numpy_numbers(kept[COLUMN + NEAREST].drop_null()).astype(np.float64)
