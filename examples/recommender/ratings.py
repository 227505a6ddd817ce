"""Writes march.csv, april.csv and april_bad.csv: who rated which dish of a catalogue, and how.

The dishes are real (sample_data/dishes_v1.parquet), the 3,000 people are not: each has a taste for
three of them and what is like those, and tries popular ones more often. In April 40 dishes are new,
about 20 are gone, and people rated four more. april_bad.csv is April with the ratings of every
fifth dish booked on the one five before, as by a join on row numbers after a line was lost.
"""

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from monitor.assets import sample_data

PEOPLE, DISHES, NEW, GONE, RATED, MORE = 3000, 640, 40, 20, 40, 4

rng = np.random.default_rng(0)
table = pq.read_table(sample_data() / "dishes_v1.parquet", columns=["text", "embedding"])
table = table.take(np.sort(rng.choice(len(table), DISHES, replace=False)))
names = table["text"].to_numpy()
vectors = np.stack(table["embedding"].to_numpy()).astype(np.float32)
vectors -= vectors.mean(axis=0)
tastes = vectors[rng.integers(DISHES, size=(PEOPLE, 3))].sum(axis=1)
liking = 6 * tastes @ vectors.T
popularity = 0.5 * rng.gumbel(size=DISHES)


def ratings(offered: np.ndarray, each: int) -> np.ndarray:
    """Rows of person, dish and stars (PEOPLE * each, 3): what people try, and make of it."""
    wish = np.where(offered, liking + popularity + rng.gumbel(size=liking.shape), -np.inf)
    dish = np.argsort(-wish, axis=1)[:, :each].ravel()
    person = np.repeat(np.arange(PEOPLE), each)
    stars = 3 + liking[person, dish] / 3 + 0.7 * rng.standard_normal(len(dish))
    return np.stack([person, dish, stars.round().clip(1, 5)], axis=1).astype(int)


def write(name: str, rows: np.ndarray) -> None:
    """A file of ratings, as a service would export them."""
    person, dish, stars = rows.T
    csv.write_csv(pa.table({"person": person, "dish": names[dish], "stars": stars}), name)
    print(f"{name}: {len(rows):,} ratings of {len(np.unique(dish))} dishes")


place = np.arange(DISHES)
march = ratings(place >= NEW, RATED)
still = rng.random(DISHES) > GONE / DISHES
april = np.concatenate([march[still[march[:, 1]]], ratings(still, MORE)])
wrong = place.copy()
wrong[::5] = np.roll(place[::5], 1)
bad = np.stack([april[:, 0], wrong[april[:, 1]], april[:, 2]], axis=1)
for name, rows in (("march.csv", march), ("april.csv", april), ("april_bad.csv", bad)):
    write(name, rows)
