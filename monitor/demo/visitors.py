"""The people who search in the demo, and when on a day they do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64, Int64

N_VISITORS = 900
COUNTRIES = ("us", "de", "it", "fr", "gb", "es", "nl", "pl")
_COUNTRY_SHARES = (0.3, 0.16, 0.14, 0.12, 0.12, 0.08, 0.04, 0.04)
TASTE = 0.5
"""Deviation of the logarithm of a visitor's liking for a category."""
MOST_QUERIES = 8
"""Most queries of one visit."""
_NO_LATER = 23.5
_MEALS = ((13.0, 3.5), (19.5, 1.6), (12.5, 1.2))
_MEAL_SHARES = (0.3, 0.5, 0.2)


@dataclass(frozen=True, eq=False)
class Visitors:
    """countries: (U,) index into COUNTRIES; activity: (U,) share of all visits; likings: (U, K)
    factors on the categories; order: (U,) share of all activity up to each visitor, in the
    order in which they get a new release of the client."""

    countries: Int64
    activity: Float64
    likings: Float64
    order: Float64

    def updated(self, share: float) -> npt.NDArray[np.bool_]:
        """Flags (U,) of the visitors who have a release rolled out to this share of activity."""
        return np.asarray(self.order <= share)


def visitors(n_categories: int, rng: np.random.Generator) -> Visitors:
    """Visitors with a home, habits and tastes of their own."""
    activity = rng.gamma(2, size=N_VISITORS)
    activity /= activity.sum()
    queue = rng.permutation(N_VISITORS)
    order = np.empty(N_VISITORS)
    order[queue] = activity[queue].cumsum()
    return Visitors(
        countries=rng.choice(len(COUNTRIES), N_VISITORS, p=_COUNTRY_SHARES).astype(np.int64),
        activity=activity,
        likings=np.exp(TASTE * rng.standard_normal((N_VISITORS, n_categories))),
        order=order,
    )


def visits(n: int, weights: Float64, rng: np.random.Generator) -> tuple[Int64, Int64]:
    """Visit and visitor of each of n queries: nobody visits twice, a visit is 1 to 8 queries."""
    sizes = np.minimum(rng.geometric(0.35, n), MOST_QUERIES)
    sizes = sizes[: int(np.searchsorted(sizes.cumsum(), n)) + 1]
    who = rng.choice(len(weights), len(sizes), replace=False, p=weights / weights.sum())
    visit = np.repeat(np.arange(len(sizes)), sizes)[:n]
    return visit, who[visit].astype(np.int64)


def seconds(visit: Int64, rng: np.random.Generator) -> Int64:
    """Seconds of the day (n,) of queries in runs by visit: most visits are in the evening, and
    a visitor's queries follow each other within three minutes."""
    n_visits = int(visit[-1]) + 1 if len(visit) else 0
    around, spread = np.array(_MEALS)[rng.choice(len(_MEALS), n_visits, p=_MEAL_SHARES)].T
    hours = np.clip(around + spread * rng.standard_normal(n_visits), 0, _NO_LATER)
    pauses = rng.integers(10, 180, len(visit))
    first = np.searchsorted(visit, visit)
    elapsed = pauses.cumsum() - pauses.cumsum()[first]
    return np.asarray((hours[visit] * 3600).astype(np.int64) + elapsed, np.int64)
