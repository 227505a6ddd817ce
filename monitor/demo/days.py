"""A day of searches: ordinary ones, a surge of one kind of dish, a wrongly configured client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.batch import Float64, Int64
from monitor.demo.menu import SURGING_SHARE, Menu
from monitor.demo.visitors import COUNTRIES, Visitors, seconds, visits

WEEKDAY_QUERIES, WEEKEND_QUERIES = 500, 700
JITTER = 0.15
"""Deviation of the logarithm of a category's share from one day to the next."""

SURGE_DAY, SURGE_SHARE = 65, 0.25
"""A Wednesday; days count from 0, a Monday."""
SURGE_SHARES = (*(SURGE_SHARE,) * 5, 0.12, 0.06)
"""Share of the surging category from SURGE_DAY on: five days at full strength, then it fades."""
SURGE_COUNTRY, SURGE_DEVICE = "it", "mobile"
_SURGE_FOCUS = 0.9
_SURGE_AT_HOME = 0.8

WRONG_DAY, WRONG_SHARE, WRONG_CLIENT = 80, 0.2, "4.3"
"""From this Thursday on, this release of the client sends the second encoder's vectors."""

DEVICES = ("mobile", "desktop", "tablet")
_DEVICE_SHARES = (0.6, 0.34, 0.06)
_SURGE_DEVICE_SHARES = (0.92, 0.06, 0.02)
CLIENTS = ("4.1", "4.2", WRONG_CLIENT)
_LATE = 0.8

QUERY = np.dtype(
    [(name, np.int64) for name in ("second", "visitor", "dish", "device", "client", "vector")]
)
"""second: of the day; vector: row of the menu's vectors; the others index what they name."""

Queries = npt.NDArray[Any]


def day_queries(menu: Menu, people: Visitors, day: int, seed: int) -> Queries:
    """The queries (n,) of one day, in the order of their times; their dtype is QUERY."""
    rng = np.random.default_rng([seed, 1, day])
    weekend = day % 7 >= 5
    n = WEEKEND_QUERIES if weekend else WEEKDAY_QUERIES
    tastes = menu.tastes(weekend=weekend)
    tastes *= np.exp(JITTER * rng.standard_normal(len(tastes)))
    usual = _Crowd(n, tastes, people.activity, _DEVICE_SHARES)
    found = _searches(menu, people, usual, rng)
    if 0 <= day - SURGE_DAY < len(SURGE_SHARES):
        more = _surge(menu, people, usual, SURGE_SHARES[day - SURGE_DAY])
        found = np.concatenate([found, _searches(menu, people, more, rng)])
    if day >= WRONG_DAY:
        _misencode(found, menu, people)
    return found[np.argsort(found["second"], kind="stable")]


@dataclass(frozen=True, eq=False)
class _Crowd:
    """Expected queries, tastes (K,), who comes (U,), and on which device."""

    n: float
    tastes: Float64
    weights: Float64
    devices: tuple[float, ...]


def _surge(menu: Menu, people: Visitors, usual: _Crowd, share: float) -> _Crowd:
    """Those who come on top, so that the surging category has this share of all queries."""
    n = usual.n * (share - SURGING_SHARE) / (_SURGE_FOCUS - share)
    tastes = usual.tastes * (1 - _SURGE_FOCUS) / usual.tastes.sum()
    tastes[menu.surging] = _SURGE_FOCUS
    home = people.countries == COUNTRIES.index(SURGE_COUNTRY)
    at_home = people.activity[home].sum()
    factors = np.where(home, _SURGE_AT_HOME / at_home, (1 - _SURGE_AT_HOME) / (1 - at_home))
    return _Crowd(n, tastes, people.activity * factors, _SURGE_DEVICE_SHARES)


def _searches(menu: Menu, people: Visitors, crowd: _Crowd, rng: np.random.Generator) -> Queries:
    """The queries of a crowd, visit by visit."""
    n = int(rng.poisson(crowd.n))
    found = np.zeros(n, QUERY)
    visit, visitor = visits(n, crowd.weights, rng)
    found["visitor"] = visitor
    found["second"] = seconds(visit, rng)
    found["dish"] = menu.dishes(_categories(crowd.tastes * people.likings[visitor], rng), rng)
    found["device"] = rng.choice(len(DEVICES), n, p=crowd.devices)[visit]
    found["client"] = np.where(people.order[visitor] > _LATE, 0, 1)
    found["vector"] = found["dish"]
    return found


def _categories(weights: Float64, rng: np.random.Generator) -> Int64:
    """A category (n,) from each row of weights (n, K)."""
    total = weights.cumsum(axis=1)
    drawn = (total <= rng.random((len(total), 1)) * total[:, -1:]).sum(axis=1)
    return np.asarray(np.minimum(drawn, weights.shape[1] - 1), np.int64)


def _misencode(queries: Queries, menu: Menu, people: Visitors) -> None:
    """Gives those who have the new release that client, and the second encoder's vectors."""
    wrong = people.updated(WRONG_SHARE)[queries["visitor"]]
    dishes = menu.nearest_with_second(queries["dish"][wrong])
    queries["client"][wrong] = CLIENTS.index(WRONG_CLIENT)
    queries["dish"][wrong] = dishes
    queries["vector"][wrong] = menu.second[dishes]
