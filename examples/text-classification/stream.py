"""Writes stream.parquet: ten weeks of a food diary, its entries classified as they come.

The names and vectors are real (sample_data/dishes_v1.parquet); which of them are written on which
day is drawn. In the last week cocktails come up, a class that the classifier was never shown.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.linear_model import LogisticRegression

from monitor.assets import sample_data

CLASSES = ("Baked Products", "Beverages", "Meat mixed dishes", "Sweets")
NEW = "Liquor and cocktails"
START = datetime(2026, 9, 7, tzinfo=UTC)
DAYS, NEW_DAY, PER_DAY, NEW_SHARE = 70, 63, 300, 0.15

rng = np.random.default_rng(0)
dishes = pq.read_table(sample_data() / "dishes_v1.parquet")
labels = dishes["label"].to_numpy()
vectors = np.stack(dishes["embedding"].to_numpy())
known, new = np.flatnonzero(np.isin(labels, CLASSES)), np.flatnonzero(labels == NEW)
_, place, sizes = np.unique(labels[known], return_inverse=True, return_counts=True)
evenly = 1 / sizes[place] / len(CLASSES)
shown = rng.permutation(known)[: len(known) // 2]
classifier = LogisticRegression(max_iter=1000, C=10).fit(vectors[shown], labels[shown])

days = []
for day in range(DAYS):
    n_new = rng.binomial(PER_DAY, NEW_SHARE) if day >= NEW_DAY else 0
    rows = np.concatenate([rng.choice(known, PER_DAY - n_new, p=evenly), rng.choice(new, n_new)])
    at = [START + timedelta(days=day, seconds=int(s)) for s in rng.integers(0, 86_400, PER_DAY)]
    days.append(
        pa.table(
            {
                "at": pa.array(at, pa.timestamp("s", "UTC")),
                "user": [f"u{number}" for number in rng.integers(0, 2000, PER_DAY)],
                "text": dishes["text"].take(rows),
                "class": classifier.predict(vectors[rows]),
                "truth": labels[rows],
                "embedding": dishes["embedding"].take(rows),
            }
        )
    )
stream = pa.concat_tables(days)
pq.write_table(stream.drop_columns("truth"), "stream.parquet")

right = stream["class"].to_numpy() == stream["truth"].to_numpy()
before, after = right[: NEW_DAY * PER_DAY].mean(), right[NEW_DAY * PER_DAY :].mean()
print(f"{len(stream):,} entries; {before:.0%} classified rightly, {after:.0%} in the last week")
