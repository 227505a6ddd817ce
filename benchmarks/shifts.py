"""Two samples of real embeddings that differ in a known way, or not at all.

Dishes and speeches are in `sample_data/`; French among English needs, in a folder of the user's,
`ciqual_{en,fr}_minilm.parquet`: the foods of the French CIQUAL table by their two names.
Rows are drawn without replacement, so that none is on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.pairs import Side, Vectors, embeddings

Generator = np.random.Generator
Case = Callable[[Generator], list[Side]]

N = 1000
"""Rows a side."""
PARAGRAPHS = 250
"""Rows a side of the decades of speeches, of which the shortest has 539."""

TABLE, VECTORS = embeddings("dishes_v1")
LABELS = np.array(TABLE["label"].to_pylist())
NAMES, COUNTS = np.unique(LABELS, return_counts=True)
TOPICS = NAMES[(COUNTS >= 50) & (COUNTS <= 140)]
"""Categories of 1 to 3 % of the rows; each trial picks one of them."""
SPREAD = VECTORS.std(axis=0)


def drawn(rng: Generator, n: int = N, m: int = N) -> tuple[Vectors, Vectors]:
    """Two samples of all dishes."""
    rows = VECTORS[rng.choice(len(VECTORS), n + m, replace=False)]
    return rows[:n], rows[n:]


def null(n: int, m: int) -> Case:
    """No difference."""
    return lambda rng: [Side(rows) for rows in drawn(rng, n, m)]


def by_user(*, named: bool, n: int = N) -> Case:
    """No difference: users with five rows each of the category that the user likes."""

    def sides(rng: Generator) -> list[Side]:
        found = []
        for side in "ab":
            likes = rng.choice(NAMES, n // 5, p=COUNTS / COUNTS.sum())
            rows = [VECTORS[rng.choice(np.flatnonzero(label == LABELS), 5)] for label in likes]
            users = [f"{side}{i // 5}" for i in range(n)]
            found.append(Side(np.vstack(rows), users if named else None))
        return found

    return sides


def changed(change: Callable[[Vectors, Generator], Vectors]) -> Case:
    """The current side changed row by row."""

    def sides(rng: Generator) -> list[Side]:
        a, b = drawn(rng)
        return [Side(a), Side(change(b, rng).astype(np.float32))]

    return sides


def shifted(size: float, *, unit: bool) -> Case:
    """Every dimension moves by `size` deviations up or down; `unit`: to unit length again."""

    def change(rows: Vectors, rng: Generator) -> Vectors:
        moved = rows + size * SPREAD * rng.choice([-1, 1], rows.shape[1])
        return moved / np.linalg.norm(moved, axis=1, keepdims=True) if unit else moved

    return changed(change)


def dead(rows: Vectors, rng: Generator) -> Vectors:
    """One dimension is zero."""
    rows = rows.copy()
    rows[:, rng.integers(rows.shape[1])] = 0
    return rows


def heavy_tails(rows: Vectors, rng: Generator) -> Vectors:
    """Distances from the mean times √(3/χ²₅): Student's t of five degrees, variance kept."""
    centre = VECTORS.mean(axis=0)
    return centre + (rows - centre) * np.sqrt(3 / rng.chisquare(5, (len(rows), 1)))


def rotated(angle: float) -> Case:
    """A small rotation of the whole space, always the same."""
    noise = np.random.default_rng(5).normal(size=(384, 384))
    turn = angle * (noise - noise.T) / np.sqrt(2 * 384)
    step = np.linalg.solve(np.eye(384) - turn / 2, np.eye(384) + turn / 2)
    return changed(lambda rows, _: rows @ step)


def clump(rows: Vectors, rng: Generator) -> Vectors:
    """One row is there again and again, as 5 % of all."""
    rows = rows.copy()
    rows[rng.choice(len(rows), len(rows) // 20, replace=False)] = rows[0]
    return rows


def novel(share: float) -> Case:
    """So many of the current rows are of a category that the reference has not."""

    def sides(rng: Generator) -> list[Side]:
        k, topic = int(share * N), rng.choice(TOPICS)
        others = rng.permutation(np.flatnonzero(topic != LABELS))
        own = np.flatnonzero(topic == LABELS)
        new = rng.choice(own, k, replace=k > len(own))
        a, b = others[:N], np.append(others[N : 2 * N - k], new)
        return [Side(VECTORS[a]), Side(VECTORS[b])]

    return sides


def doubled(rng: Generator) -> list[Side]:
    """A category of 1 to 3 % has twice the share."""
    topic = rng.choice(TOPICS)
    own = rng.permutation(np.flatnonzero(topic == LABELS))
    others = rng.permutation(np.flatnonzero(topic != LABELS))
    k = len(own) * N // len(VECTORS)
    a = np.append(own[:k], others[: N - k])
    b = np.append(own[k : 3 * k], others[N - k : 2 * N - 3 * k])
    return [Side(VECTORS[a]), Side(VECTORS[b])]


def mixed_anew(rng: Generator) -> list[Side]:
    """Every category's share is multiplied by a log-normal factor of deviation 0.5."""
    weight = dict(zip(NAMES, np.exp(0.5 * rng.normal(size=len(NAMES))), strict=True))
    p = np.array([weight[label] for label in LABELS])
    b = rng.choice(len(VECTORS), N, replace=False, p=p / p.sum())
    a = rng.choice(np.setdiff1d(np.arange(len(VECTORS)), b), N, replace=False)
    return [Side(VECTORS[a]), Side(VECTORS[b])]


@cache
def paragraphs() -> dict[int, Vectors]:
    """The paragraphs of each decade of speeches, 1950 to 2020."""
    table, vectors = embeddings("speeches")
    decades = np.array([at.year // 10 * 10 for at in table["ts"].to_pylist()])
    return {first: vectors[decades == first] for first in range(1950, 2030, 10)}


def neighbours(rng: Generator) -> list[Side]:
    """A decade of speeches and the one after it."""
    first = int(rng.choice(range(1950, 2020, 10)))
    return [
        Side(rng.choice(paragraphs()[decade], PARAGRAPHS, replace=False))
        for decade in (first, first + 10)
    ]


def one_decade(rng: Generator) -> list[Side]:
    """No difference: two samples of one decade."""
    rows = rng.permutation(paragraphs()[int(rng.choice(range(1950, 2030, 10)))])
    return [Side(rows[:PARAGRAPHS]), Side(rows[PARAGRAPHS : 2 * PARAGRAPHS])]


@dataclass(frozen=True)
class Foods:
    """The folder that holds the foods of two languages."""

    folder: Path

    def vectors(self, language: str) -> Vectors:
        """(n, 384), the same foods at the same places in either language."""
        table = pq.read_table(self.folder / f"ciqual_{language}_minilm.parquet").sort_by("id")
        flat = table["embedding"].combine_chunks().flatten().to_numpy()
        return flat.astype(np.float32).reshape(table.num_rows, -1)

    def french(self, share: float) -> Case:
        """So many of the current rows are French names among English ones."""
        english, french = self.vectors("en"), self.vectors("fr")

        def sides(rng: Generator) -> list[Side]:
            foods, k = rng.choice(len(english), 2 * N, replace=False), round(share * N)
            now = np.vstack([french[foods[N : N + k]], english[foods[N + k :]]])
            return [Side(english[foods[:N]]), Side(rng.permutation(now))]

        return sides


NULLS: dict[str, Case] = {
    "no difference": null(N, N),
    "no difference, 2000 v 200": null(2000, 200),
    "no difference, 200 v 2000": null(200, 2000),
    "no difference, 4500 v 100": null(4500, 100),
    "no difference, 1400 v 1000": null(1400, 1000),
    "no difference, 250 v 250": null(250, 250),
    "no difference, 5 rows a user": by_user(named=True),
    "no difference, 250 v 250, 5 rows a user": by_user(named=True, n=250),
    "the same, users not named": by_user(named=False),
}
SYNTHETIC: dict[str, Case] = {
    "mean .12 sd": shifted(0.12, unit=False),
    "one topic of 1-3 % x 2": doubled,
    "novel topic 1.5 %": novel(0.015),
    "scale .95": changed(lambda rows, _: rows * np.float32(0.95)),
    "rotation .05": rotated(0.05),
    "one dead dimension": changed(dead),
    "heavy tails": changed(heavy_tails),
}
REAL: dict[str, Case] = {
    "novel topic 2 %": novel(0.02),
    "novel topic 5 %": novel(0.05),
    "novel topic 10 %": novel(0.1),
    "one vector is 5 %": changed(clump),
    "neighbouring decades": neighbours,
}
FURTHER: dict[str, Case] = {
    "mean .06 sd, unit length": shifted(0.06, unit=True),
    "all topics x e^(.5 z)": mixed_anew,
}


def of_foods(folder: Path) -> dict[str, Case]:
    """French names among English ones, and none."""
    foods = Foods(folder)
    shares = {f"French {share} %": foods.french(share / 100) for share in (5, 10, 25)}
    return {"foods, no difference": foods.french(0), **shares}
