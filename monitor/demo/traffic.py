"""Twelve weeks of searches for dishes, with two events whose truth is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.batch import Int64
from monitor.demo import days
from monitor.demo.days import Queries, day_queries
from monitor.demo.menu import SURGING, Menu, embedding_column, menu
from monitor.demo.visitors import COUNTRIES, Visitors, visitors
from monitor.errors import UsageError

SEED = 1
END = date(2026, 11, 15)
WEEKS = 12


@dataclass(frozen=True)
class TrafficStory:
    """Where the traffic is, and what truly happens in it; days are inclusive.

    rows: of all files; surge_end: last day at full strength; surge_over: last day of its fading;
    surge_rows: queries of the category from surge_start to surge_over; wrong_rows: queries that
    carry the wrong encoder's vector, from wrong_start to last_day; shares: of a day's queries.
    """

    folder: Path
    first_day: date
    last_day: date
    rows: int
    surge_start: date
    surge_end: date
    surge_over: date
    surge_category: str
    surge_share: float
    surge_country: str
    surge_device: str
    surge_rows: int
    wrong_start: date
    wrong_share: float
    wrong_client: str
    wrong_rows: int


def write_traffic(
    v1: Path, v2: Path, folder: Path, *, seed: int = SEED, end: date = END
) -> TrafficStory:
    """Writes one Parquet a week, `2026-08-24.parquet` and so on, and returns the truth.

    Every query is a dish of `v1` with its vector there; `v2` holds some of the dishes as another
    encoder sees them. `end` is the Sunday on which the twelve weeks end; UsageError if it is not.
    """
    if end.weekday() != 6:
        raise UsageError(f"the traffic cannot end on {end}, a {end:%A}", "give a Sunday")
    rng = np.random.default_rng([seed, 0])
    dishes = menu(v1, v2, rng)
    people = visitors(len(dishes.categories), rng)
    first_day = end - timedelta(days=7 * WEEKS - 1)
    drawn = [day_queries(dishes, people, day, seed) for day in range(7 * WEEKS)]
    folder.mkdir(parents=True, exist_ok=True)
    for start in range(0, len(drawn), 7):
        monday = first_day + timedelta(days=start)
        tables = [
            _table(dishes, people, monday + timedelta(days=i), queries)
            for i, queries in enumerate(drawn[start : start + 7])
        ]
        pq.write_table(
            pa.concat_tables(tables),
            folder / f"{monday}.parquet",
            compression="zstd",
            use_dictionary=["user", "text", "category", "country", "device", "client"],
        )
    return _story(folder, first_day, dishes, drawn)


def _table(dishes: Menu, people: Visitors, day: date, queries: Queries) -> pa.Table:
    """A day's queries as they are written."""
    midnight = np.datetime64(day, "us")
    at = midnight + queries["second"].astype("timedelta64[s]")
    users = [f"u{one:04}" for one in range(len(people.countries))]
    dish, visitor = queries["dish"], queries["visitor"]
    return pa.table(
        {
            "id": [f"q-{day:%Y%m%d}-{i:05}" for i in range(len(queries))],
            "at": pa.array(at, pa.timestamp("us", "UTC")),
            "user": _named(users, visitor),
            "text": dishes.texts.take(pa.array(dish)),
            "category": dishes.categories.take(pa.array(dishes.categories_of(dish))),
            "country": _named(COUNTRIES, people.countries[visitor]),
            "device": _named(days.DEVICES, queries["device"]),
            "client": _named(days.CLIENTS, queries["client"]),
            "embedding": embedding_column(dishes.vectors[queries["vector"]]),
        }
    )


def _named(names: Sequence[str], codes: Int64) -> pa.StringArray:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _story(folder: Path, first_day: date, dishes: Menu, drawn: list[Queries]) -> TrafficStory:
    fading = len(days.SURGE_SHARES)
    strong = days.SURGE_SHARES.count(days.SURGE_SHARE)
    surge = np.concatenate(drawn[days.SURGE_DAY : days.SURGE_DAY + fading])
    wrong = np.concatenate(drawn)["client"] == days.CLIENTS.index(days.WRONG_CLIENT)

    def day(number: int) -> date:
        return first_day + timedelta(days=number)

    return TrafficStory(
        folder=folder,
        first_day=first_day,
        last_day=day(len(drawn) - 1),
        rows=len(wrong),
        surge_start=day(days.SURGE_DAY),
        surge_end=day(days.SURGE_DAY + strong - 1),
        surge_over=day(days.SURGE_DAY + fading - 1),
        surge_category=SURGING,
        surge_share=days.SURGE_SHARE,
        surge_country=days.SURGE_COUNTRY,
        surge_device=days.SURGE_DEVICE,
        surge_rows=int((dishes.categories_of(surge["dish"]) == dishes.surging).sum()),
        wrong_start=day(days.WRONG_DAY),
        wrong_share=days.WRONG_SHARE,
        wrong_client=days.WRONG_CLIENT,
        wrong_rows=int(wrong.sum()),
    )
