"""Scenarios and known failures that others published, answered by `monitor.drift`.

    python benchmarks/acceptance.py [--trials 50] [--only A7 ...]

Data are generated, or scikit-learn's digits. Each row says what is counted in the trials, what is
expected of it, and what was found. The tests run the same scenarios with fewer trials.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parent.parent))

import monitor
from benchmarks.measured import embmon, process
from monitor.batch import ROW_OK, Batch
from monitor.config import Config
from monitor.fitting import BANDWIDTHS, FREQUENCIES, fitted
from monitor.pipeline import Monitor
from monitor.profiles import profile
from monitor.scores.familiar import familiar
from monitor.sources import Columns

Vectors = npt.NDArray[np.float32]
Generator = np.random.Generator
FALSE_ALARMS = (0.0, 0.12)
"""Bounds of a rate of 5 % measured in 50 trials."""


@dataclass(frozen=True)
class Scenario:
    """name; what is counted; the share of trials in which it should hold; one trial by its seed."""

    name: str
    counted: str
    expected: tuple[float, float]
    trial: Callable[[int], bool]
    most: int = 50
    """Trials, where one takes long."""


def answer(a: Vectors, b: Vectors, seed: int, **named: Any) -> dict[str, Any]:
    """The JSON of `embmon drift` of b against a."""
    return monitor.drift(a, b, seed=seed, **named).to_dict()


def drifted(a: Vectors, b: Vectors, seed: int, **named: Any) -> bool:
    """Whether b is called drift of a."""
    return bool(answer(a, b, seed, **named)["verdict"] == "drift")


def normal(seed: int, n: int, d: int) -> Vectors:
    """n standard normal rows."""
    return np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)


def mixture(rng: Generator, n: int, weights: npt.ArrayLike, d: int = 64) -> Vectors:
    """n rows about as many centres as there are weights; always the same centres."""
    share = np.asarray(weights, float)
    centres = np.random.default_rng(99).normal(size=(len(share), d))
    picked = rng.choice(len(share), n, p=share / share.sum())
    return np.asarray(centres[picked] + 0.6 * rng.normal(size=(n, d)), np.float32)


TWENTY = np.append(np.ones(20), 0)
"""Twenty topics; the next one is foreign."""
OTHERWISE = np.append(np.where(np.arange(20) < 3, 4, 1), 0)
FOREIGN = np.append(np.zeros(20), 1)


def injected(rng: Generator, n: int, share: float, d: int = 64) -> tuple[Vectors, Vectors]:
    """A reference, and rows of which a share are foreign."""
    k = round(share * n)
    parts = [mixture(rng, n - k, TWENTY, d), mixture(rng, k, FOREIGN, d)]
    return mixture(rng, n, TWENTY, d), np.vstack(parts)


def zeroed(seed: int, dims: int) -> bool:
    """A2: rows of ten dimensions, the first so many of which are zero in the second half."""
    rows = normal(seed, 1000, 10)
    rows[500:, :dims] = 0
    return drifted(rows[:500], rows[500:], seed)


def topics_changed(seed: int, weights: npt.ArrayLike) -> dict[str, Any]:
    """A7: the shares of known topics change."""
    rng = np.random.default_rng(seed)
    return answer(mixture(rng, 1000, TWENTY), mixture(rng, 1000, weights), seed)


def mixed_only(seed: int) -> bool:
    """A7: drift is called a change of mix and not of content."""
    found = topics_changed(seed, OTHERWISE)
    said = any(cause.startswith("the mix changed") for cause in found["causes"])
    return found["verdict"] == "drift" and said and not found["content"]["changed"]


def foreign(seed: int, share: float, n: int = 1000, d: int = 64) -> bool:
    """A7, A8: foreign rows are drift."""
    return drifted(*injected(np.random.default_rng(seed), n, share, d), seed)


def foreign_named(seed: int, share: float) -> bool:
    """A7: and are called a change of content."""
    return bool(
        answer(*injected(np.random.default_rng(seed), 1000, share), seed)["content"]["changed"]
    )


def unlike_sizes(seed: int, n: int, m: int) -> bool:
    """A14: no change, d = 384."""
    rng = np.random.default_rng(seed)
    return drifted(mixture(rng, n, TWENTY, 384), mixture(rng, m, TWENTY, 384), seed)


def scaled(seed: int) -> bool:
    """A15: all coordinates times 1.5."""
    return drifted(normal(seed, 1000, 32), normal(seed + 10**6, 1000, 32) * np.float32(1.5), seed)


def one_dimension(seed: int, n: int) -> bool:
    """A15: 0.3 deviations in one of 32 dimensions."""
    moved = normal(seed + 10**6, n, 32)
    moved[:, 7] += 0.3
    return drifted(normal(seed, n, 32), moved, seed)


def too_few(seed: int, n: int) -> bool:
    """A17: no verdict on so few rows, however different."""
    found = answer(normal(seed, 1000, 16), normal(seed, n, 16) + 3, seed)
    return bool(found["verdict"] == "insufficient")


def nuisance(seed: int, n: int) -> bool:
    """A18: a shift of 0.01 deviations everywhere is no drift, whatever n says of its certainty."""
    return not drifted(normal(seed, n, 16), normal(seed + 10**6, n, 16) + np.float32(0.01), seed)


@cache
def digits() -> Vectors:
    """The 1797 images of scikit-learn's digits (n, 64)."""
    from sklearn.datasets import load_digits

    return load_digits().data.astype(np.float32)


def noisy_digits(seed: int, n: int, share: float, noise: float) -> bool:
    """A13: normal noise, in grey levels of 0 to 16, on a share of the images."""
    rng = np.random.default_rng(seed)
    rows = digits()[rng.permutation(len(digits()))[: 2 * n]].copy()
    changed = n + np.arange(round(share * n))
    rows[changed] += noise * rng.normal(size=(len(changed), 64)).astype(np.float32)
    return drifted(rows[:n], rows[n:], seed)


def curve(seed: int, n: int) -> bool:
    """A12: the share of rows that changed cluster follows the share of foreign rows: Pearson's
    correlation over 0, 5, 10, 15 and 20 %."""
    rng = np.random.default_rng(seed)
    shares = (0.0, 0.05, 0.1, 0.15, 0.2)
    moved = [answer(*injected(rng, n, s), seed)["effect"]["tv_clusters"] for s in shares]
    return bool(np.corrcoef(shares, moved)[0, 1] >= 0.85)


def newcomer_named(seed: int, n: int, share: float) -> bool:
    """A12: the cluster that changed most is of the foreign class, by its words."""
    rng = np.random.default_rng(seed)
    a, b = injected(rng, n, share)
    words = ["known"] * (n - round(share * n)) + ["foreign"] * round(share * n)
    sides = [
        pa.table({"embedding": list(rows), "text": texts})
        for rows, texts in ((a, ["known"] * n), (b, words))
    ]
    found = Monitor(Config()).drift(*sides, Columns(text="text"), seed=seed)
    most = max(found["clusters"], key=lambda c: c["current_share"] - c["reference_share"])
    return "foreign" in str(most["label"])


def moved_digits(seed: int, n: int, share: float) -> bool:
    """A13: a share of the images a pixel to the right."""
    rng = np.random.default_rng(seed)
    rows = digits()[rng.permutation(len(digits()))[: 2 * n]].reshape(-1, 8, 8).copy()
    moved = n + np.arange(round(share * n))
    rows[moved] = np.roll(rows[moved], 1, axis=2)
    rows = rows.reshape(-1, 64)
    return drifted(rows[:n], rows[n:], seed)


def without_a_digit(seed: int, n: int, share: float) -> bool:
    """A13: so many of the noughts are gone (knock-out)."""
    from sklearn.datasets import load_digits

    rng = np.random.default_rng(seed)
    order = rng.permutation(len(digits()))
    a, rest = order[:n], order[n:]
    noughts = load_digits().target[rest] == 0
    kept = rest[~noughts | (rng.random(len(rest)) >= share)][:n]
    return drifted(digits()[a], digits()[kept], seed)


def exact_mmd(seed: int) -> float:
    """A10: how far `mmd2` is from the U-statistic of the kernels that its features stand for."""
    rng = np.random.default_rng(seed)
    a, b = injected(rng, 400, 0.2)
    basis = fitted(np.vstack([a, b]), seed=seed, fine=True)
    sides = [profile([plain(rows)], basis) for rows in (a, b)]
    y = (np.vstack([a, b]) - basis.x0) @ basis.components
    energy = np.square(y).sum(axis=1)
    d2 = np.maximum(energy + energy[:, None] - 2 * y @ y.T, 0)
    widths = np.resize(BANDWIDTHS, FREQUENCIES) * basis.scale
    kernel = np.mean([np.exp(-d2 / (2 * w * w)) for w in widths], axis=0)
    n = len(a)
    aa, bb, ab = kernel[:n, :n], kernel[n:, n:], kernel[:n, n:]
    within = sum((k.sum() - np.trace(k)) / (n * (n - 1)) for k in (aa, bb))
    return abs(familiar(basis, *sides)["mmd2"] - float(within - 2 * ab.mean()))


def plain(rows: Vectors) -> Batch:
    """A batch of rows with nothing wrong."""
    return Batch(rows, np.full(len(rows), ROW_OK, np.uint8))


def jittered(seed: int, foreign_share: float, spread: float) -> bool:
    """Twenty topics whose weights vary by a log-normal factor, and a share of a new one."""
    rng = np.random.default_rng(seed)
    weights = TWENTY * np.exp(spread * rng.normal(size=len(TWENTY)))
    k = round(1000 * foreign_share)
    now = [mixture(rng, 1000 - k, weights, 384), mixture(rng, k, FOREIGN, 384)]
    return drifted(mixture(rng, 1000, TWENTY, 384), np.vstack(now), seed)


def in_bounds(seed: int) -> bool:
    """A19: 100,000 rows a side of 384 dimensions are compared within 2 GB."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(Path(folder) / f"{side}.npy") for side in "ab"]
        for i, path in enumerate(paths):
            np.save(path, normal(seed + i, 100_000, 384))
        run = process("drift", embmon("drift", *paths), runs=1)
    return run.peak_mb <= 2000


def repeated(seed: int, share: float) -> bool:
    """One vector makes up a share of the rows."""
    rng = np.random.default_rng(seed)
    a, b = injected(rng, 1000, 0.0)
    b[: round(1000 * share)] = b[-1]
    return drifted(a, b, seed)


def doubled(seed: int) -> bool:
    """Every row is there twice, both under one entity."""
    rng = np.random.default_rng(seed)
    sides = [np.repeat(rows, 2, axis=0) for rows in injected(rng, 300, 0.0)]
    names = [[f"{side}{i // 2}" for i in range(600)] for side in "ab"]
    return drifted(*sides, seed, reference_entities=names[0], current_entities=names[1])


SURE = (0.9, 1.0)
SCENARIOS = [
    Scenario(
        "A1", "a set against itself: drift", (0, 0), lambda s: drifted(*[normal(s, 500, 16)] * 2, s)
    ),
    Scenario("A2", "5 of 10 dimensions zero: drift", SURE, lambda s: zeroed(s, 5)),
    Scenario("A2", "halves alike: drift", FALSE_ALARMS, lambda s: zeroed(s, 0)),
    Scenario("A7", "shares of topics change: mix, not content", SURE, mixed_only),
    Scenario("A7", "5 % foreign rows: drift", (0.96, 1.0), lambda s: foreign(s, 0.05)),
    Scenario("A7", "5 % foreign rows: content", (0.8, 1.0), lambda s: foreign_named(s, 0.05)),
    Scenario(
        "A8",
        "768-d, n = 500, 0 % foreign: drift",
        FALSE_ALARMS,
        lambda s: foreign(s, 0.0, 500, 768),
    ),
    Scenario(
        "A8", "768-d, n = 500, 10 % foreign: drift", SURE, lambda s: foreign(s, 0.1, 500, 768)
    ),
    Scenario(
        "A8", "768-d, n = 500, 40 % foreign: drift", SURE, lambda s: foreign(s, 0.4, 500, 768)
    ),
    Scenario(
        "A10", "mmd2 within .002 of the exact U-statistic", SURE, lambda s: exact_mmd(s) <= 0.002
    ),
    Scenario("A12", "250 rows, 5 % foreign: drift", (0.5, 1.0), lambda s: foreign(s, 0.05, 250)),
    Scenario("A12", "250 rows, 20 % foreign: drift", SURE, lambda s: foreign(s, 0.2, 250)),
    Scenario("A12", "2500 rows, 5 % foreign: drift", SURE, lambda s: foreign(s, 0.05, 2500), 10),
    Scenario("A12", "250 rows, effect follows share: r >= .85", SURE, lambda s: curve(s, 250), 20),
    Scenario("A12", "250 rows, 10 %: class named", SURE, lambda s: newcomer_named(s, 250, 0.1)),
    Scenario(
        "A13", "digits, n = 500, alike: drift", FALSE_ALARMS, lambda s: noisy_digits(s, 500, 0, 0)
    ),
    Scenario(
        "A13",
        "digits, n = 100, noise 4 on 10 %: drift",
        (0.3, 1.0),
        lambda s: noisy_digits(s, 100, 0.1, 4),
    ),
    Scenario(
        "A13",
        "digits, n = 100, noise 4 on 50 %: drift",
        SURE,
        lambda s: noisy_digits(s, 100, 0.5, 4),
    ),
    Scenario(
        "A13",
        "digits, n = 500, noise 2 on 10 %: drift",
        (0.5, 1.0),
        lambda s: noisy_digits(s, 500, 0.1, 2),
    ),
    Scenario(
        "A13",
        "digits, n = 500, 10 % a pixel aside: drift",
        SURE,
        lambda s: moved_digits(s, 500, 0.1),
    ),
    Scenario(
        "A13",
        "digits, n = 500, half the noughts gone: drift",
        SURE,
        lambda s: without_a_digit(s, 500, 0.5),
    ),
    Scenario(
        "A13",
        "digits, n = 100, all noughts gone: drift",
        SURE,
        lambda s: without_a_digit(s, 100, 1.0),
    ),
    Scenario(
        "A14",
        "384-d, 3000 against 300, alike: drift",
        FALSE_ALARMS,
        lambda s: unlike_sizes(s, 3000, 300),
    ),
    Scenario(
        "A14",
        "384-d, 3000 against 500, alike: drift",
        FALSE_ALARMS,
        lambda s: unlike_sizes(s, 3000, 500),
    ),
    Scenario("A15", "all coordinates x 1.5: drift", SURE, scaled),
    Scenario(
        "A15",
        ".3 sd in 1 of 32 dimensions, n = 1000: drift",
        SURE,
        lambda s: one_dimension(s, 1000),
    ),
    Scenario(
        "A15",
        ".3 sd in 1 of 32 dimensions, n = 3000: drift",
        SURE,
        lambda s: one_dimension(s, 3000),
    ),
    Scenario("A17", "8 rows: insufficient", (1, 1), lambda s: too_few(s, 8)),
    Scenario("A17", "35 rows: insufficient", (1, 1), lambda s: too_few(s, 35)),
    Scenario("A18", ".01 sd nuisance, n = 1000: no drift", SURE, lambda s: nuisance(s, 1000)),
    Scenario(
        "A18", ".01 sd nuisance, n = 100,000: no drift", (1, 1), lambda s: nuisance(s, 100_000)
    ),
    Scenario("A19", "2 x 100,000 x 384 within 2 GB", (1, 1), in_bounds, 1),
    Scenario("rules", "384-d, no change: drift", FALSE_ALARMS, lambda s: jittered(s, 0, 0), 30),
    Scenario(
        "rules",
        "384-d, weights x e^(.2 z): a difference",
        (0, 1),
        lambda s: jittered(s, 0, 0.2),
        30,
    ),
    Scenario("rules", "384-d, 10 % of a new topic: drift", SURE, lambda s: jittered(s, 0.1, 0), 30),
    Scenario("own", "one vector is 7 % of 1000 rows: drift", SURE, lambda s: repeated(s, 0.07)),
    Scenario("own", "every row twice, entities named: drift", FALSE_ALARMS, doubled),
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trials", type=int, default=50)
    options.add_argument("--only", nargs="*", default=sorted({s.name for s in SCENARIOS}))
    chosen = options.parse_args()
    print(f"numpy {np.__version__}, {platform.machine()}, {chosen.trials} trials each")
    for one in (one for one in SCENARIOS if one.name in chosen.only):
        found = np.mean([one.trial(seed) for seed in range(min(chosen.trials, one.most))])
        low, high = one.expected
        word = "" if low <= found <= high else "  MISSED"
        print(
            f"{one.name:4s} {one.counted:48s} {low:.2f}-{high:.2f}  {found:.2f}{word}", flush=True
        )


if __name__ == "__main__":
    main()
