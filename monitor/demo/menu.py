"""The dishes that people of the demo search for, and their two encoders' vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from monitor.batch import Float64, Int64

SURGING = "Pizza"
"""The category that surges."""
SURGING_SHARE = 0.03
"""Its share of an ordinary day's queries."""
WEEKEND = (
    "Bacon",
    "Bagels and English muffins",
    "Biscuits, muffins, quick breads",
    "Cakes and pies",
    "Cookies and brownies",
    "Doughnuts, sweet rolls, pastries",
    "Egg/breakfast sandwiches",
    "Eggs and omelets",
    "Ice cream and frozen dairy desserts",
    "Pancakes, waffles, French toast",
    "Pudding",
)
"""Categories that are searched for more on Saturdays and Sundays."""
WEEKEND_FACTOR = 2.5


@dataclass(frozen=True, eq=False)
class Menu:
    """n dishes in the order of their K categories.

    texts: (n,) names; categories: (K,) names; starts: (K + 1,) first dish of each category;
    taste: (K,) how often each is searched for, any scale; popularity: (n,) cumulative weight of
    the dishes; vectors: (n + m, d), the n dishes' own, then those of a second encoder for m of
    them; second: (n,) row of the second encoder's vector, -1 where it has none.
    """

    texts: pa.StringArray
    categories: pa.StringArray
    starts: Int64
    taste: Float64
    popularity: Float64
    vectors: npt.NDArray[np.floating[Any]]
    second: Int64

    @property
    def surging(self) -> int:
        """Index of the category that surges."""
        return int(self.categories.index(SURGING).as_py())

    def tastes(self, *, weekend: bool) -> Float64:
        """How often each category is searched for (K,) on such a day."""
        treats = np.isin(self.categories.to_pylist(), WEEKEND)
        return np.where(treats & weekend, WEEKEND_FACTOR, 1.0) * self.taste

    def dishes(self, categories: Int64, rng: np.random.Generator) -> Int64:
        """A dish (n,) of each of these categories, the popular ones more often."""
        total = np.concatenate([[0.0], self.popularity])
        low, high = total[self.starts[categories]], total[self.starts[categories + 1]]
        drawn = np.searchsorted(self.popularity, low + rng.random(len(low)) * (high - low), "right")
        last = self.starts[categories + 1] - 1
        return np.asarray(np.clip(drawn, self.starts[categories], last), np.int64)

    def nearest_with_second(self, dishes: Int64) -> Int64:
        """These dishes, or the next on the menu that the second encoder has a vector of."""
        known = np.flatnonzero(self.second >= 0)
        nearest = np.minimum(np.searchsorted(known, dishes), len(known) - 1)
        return np.asarray(known[nearest], np.int64)

    def categories_of(self, dishes: Int64) -> Int64:
        """The category of each dish."""
        return np.searchsorted(self.starts, dishes, "right").astype(np.int64) - 1


def menu(v1: Path, v2: Path, rng: np.random.Generator) -> Menu:
    """The menu of two snapshots: `v1` with id, text, label and embedding, `v2` with some ids."""
    own = pq.read_table(v1, columns=["id", "text", "label", "embedding"])
    own = own.take(np.argsort(own["label"].to_numpy(), kind="stable"))
    other = pq.read_table(v2, columns=["id", "embedding"])
    labels, starts, sizes = np.unique(
        own["label"].to_numpy(), return_index=True, return_counts=True
    )
    taste = sizes**0.75 * rng.gamma(2, size=len(sizes))
    taste[labels == SURGING] = 0
    taste[labels == SURGING] = taste.sum() * SURGING_SHARE / (1 - SURGING_SHARE)
    row = {name: len(own) + i for i, name in enumerate(other["id"].to_pylist())}
    return Menu(
        texts=own["text"].combine_chunks(),
        categories=pa.array(labels, pa.string()),
        starts=np.append(starts, len(own)).astype(np.int64),
        taste=taste,
        popularity=np.exp(0.5 * rng.standard_normal(len(own))).cumsum(),
        vectors=np.vstack([embeddings(own), embeddings(other)]),
        second=np.array([row.get(name, -1) for name in own["id"].to_pylist()], np.int64),
    )


def embeddings(table: pa.Table) -> npt.NDArray[np.floating[Any]]:
    """The column `embedding` (n, d) in its own float type."""
    column = table["embedding"].combine_chunks()
    values: npt.NDArray[np.floating[Any]] = column.flatten().to_numpy()
    return values.reshape(len(table), column.type.list_size)


def embedding_column(vectors: npt.NDArray[np.floating[Any]]) -> pa.FixedSizeListArray:
    """Vectors (n, d) as an Arrow column in their own float type."""
    return pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
