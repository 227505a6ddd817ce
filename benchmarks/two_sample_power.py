"""How often `drift` tells two samples apart: without a difference, and with one of many kinds.

    python benchmarks/two_sample_power.py [--trials 300] [--only NAME ...]

Every trial draws 1000 rows a side (or as named) from the 5,000 dishes, without replacement, so no
row is on both sides. `apart` is the share of trials with p <= 0.05; `drift` those of them whose
effect also passes a gate; then the share of trials with p <= 0.05 in each family alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.pairs import LEVEL, Compared, Side, Vectors, compared, embeddings

Generator = np.random.Generator
N = 1000
TABLE, VECTORS = embeddings("dishes_v1")
LABELS = np.array(TABLE["label"].to_pylist())
NAMES, COUNTS = np.unique(LABELS, return_counts=True)
TOPICS = NAMES[(COUNTS >= 50) & (COUNTS <= 140)]
"""Categories of 1 to 3 % of the rows; each trial picks one of them."""
SPREAD = VECTORS.std(axis=0)


def drawn(rng: Generator, n: int = N, m: int = N) -> tuple[Vectors, Vectors]:
    rows = VECTORS[rng.choice(len(VECTORS), n + m, replace=False)]
    return rows[:n], rows[n:]


def changed(change: Callable[[Vectors, Generator], Vectors]) -> Callable[..., list[Side]]:
    """The current side changed row by row."""

    def sides(rng: Generator) -> list[Side]:
        a, b = drawn(rng)
        return [Side(a), Side(change(b, rng).astype(np.float32))]

    return sides


def null(n: int, m: int) -> Callable[..., list[Side]]:
    return lambda rng: [Side(rows) for rows in drawn(rng, n, m)]


def by_user(named: bool) -> Callable[..., list[Side]]:
    """200 users a side with five rows each of the category that the user likes."""

    def sides(rng: Generator) -> list[Side]:
        found = []
        for side in "ab":
            likes = rng.choice(NAMES, N // 5, p=COUNTS / COUNTS.sum())
            rows = [VECTORS[rng.choice(np.flatnonzero(label == LABELS), 5)] for label in likes]
            users = [f"{side}{i // 5}" for i in range(N)]
            found.append(Side(np.vstack(rows), users if named else None))
        return found

    return sides


def novel(share: float) -> Callable[..., list[Side]]:
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


def shifted(size: float, *, unit: bool) -> Callable[..., list[Side]]:
    """Every dimension moves by `size` deviations up or down; `unit`: to unit length again."""

    def change(rows: Vectors, rng: Generator) -> Vectors:
        moved = rows + size * SPREAD * rng.choice([-1, 1], rows.shape[1])
        return moved / np.linalg.norm(moved, axis=1, keepdims=True) if unit else moved

    return changed(change)


def dead(rows: Vectors, rng: Generator) -> Vectors:
    rows = rows.copy()
    rows[:, rng.integers(rows.shape[1])] = 0
    return rows


def heavy_tails(rows: Vectors, rng: Generator) -> Vectors:
    """Distances from the mean times √(3/χ²₅): Student's t of five degrees, variance kept."""
    centre = VECTORS.mean(axis=0)
    return centre + (rows - centre) * np.sqrt(3 / rng.chisquare(5, (len(rows), 1)))


def rotated(angle: float) -> Callable[..., list[Side]]:
    """A small rotation of the whole space, always the same."""
    noise = np.random.default_rng(5).normal(size=(384, 384))
    turn = angle * (noise - noise.T) / np.sqrt(2 * 384)
    step = np.linalg.solve(np.eye(384) - turn / 2, np.eye(384) + turn / 2)
    return changed(lambda rows, _: rows @ step)


CASES: dict[str, Callable[[Generator], list[Side]]] = {
    "no difference": null(N, N),
    "no difference, 2000 v 200": null(2000, 200),
    "no difference, 200 v 2000": null(200, 2000),
    "no difference, 4500 v 100": null(4500, 100),
    "no difference, 1400 v 1000": null(1400, 1000),
    "no difference, 5 rows a user": by_user(named=True),
    "the same, users not named": by_user(named=False),
    "mean .12 sd": shifted(0.12, unit=False),
    "mean .06 sd, unit length": shifted(0.06, unit=True),
    "topic of 1-3 % x 2": doubled,
    "all topics x e^(.5 z)": mixed_anew,
    "novel topic 2 %": novel(0.02),
    "novel topic 5 %": novel(0.05),
    "novel topic 10 %": novel(0.1),
    "scale .95": changed(lambda rows, _: rows * np.float32(0.95)),
    "one dead dimension": changed(dead),
    "heavy tails": changed(heavy_tails),
    "rotation .05": rotated(0.05),
}


def measured(case: Callable[[Generator], list[Side]], trials: int) -> list[Compared]:
    return [compared(*case(np.random.default_rng(seed)), seed=seed) for seed in range(trials)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=300)
    options.add_argument("--only", nargs="*", default=list(CASES))
    chosen = options.parse_args()
    print(f"numpy {np.__version__}, {chosen.trials} trials, seeds 0..{chosen.trials - 1}")
    for name in chosen.only:
        found = measured(CASES[name], chosen.trials)
        families = " ".join(
            f"{scores[0].name} {np.mean([s.p_value <= LEVEL for s in scores]):.2f}"
            for scores in zip(*(trial.test.families for trial in found), strict=True)
        )
        apart = np.mean([trial.told_apart for trial in found])
        drift = np.mean([trial.drift for trial in found])
        print(f"{name:30s} apart {apart:.3f} drift {drift:.3f} | {families}", flush=True)


if __name__ == "__main__":
    main()
