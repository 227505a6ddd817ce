"""Streams of real vectors: false alarms, and how soon a change of them is told.

    python benchmarks/food_streams.py [--data DIR] [--weeks 16] [--runs 10]

Rows are drawn from the dishes of `sample_data/` and, with --data, from the English foods of
`ciqual_en_minilm.parquet`: 300 an hour, or 1000 a day for 24 times as many weeks, by categories
whose weights have a season and an AR .8. The rule judges what comes after eight weeks. Then each
change begins anew: 10 % of the rows by another encoder (`dishes_v2.parquet`), or 5 % in French
(`ciqual_fr_minilm.parquet`).
"""

from __future__ import annotations

import argparse
import platform
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent))

from monitoring_trust import RULE, delay, rated
from simulated_traffic import HOUR, START

from monitor.batch import Batch
from monitor.calibrate import calibrated
from monitor.fitting import fitted
from monitor.frame import Frame
from monitor.model import Window
from monitor.profiles import of_rows
from monitor.replays import replayed
from monitor.traces import Observed, observed

Vectors = npt.NDArray[np.float32]
HOURLY, DAILY = (HOUR, 300), (timedelta(days=1), 1000)
"""Length of a window, and rows in an average one."""
WEEK, TRAILING = timedelta(weeks=1), timedelta(weeks=8)
SAMPLES = Path(__file__).parent.parent / "sample_data"


@dataclass
class Stream:
    """Rows to draw from (n, d) with their categories (n,); other: what changed rows are; every,
    rows: the length of a window, and how many it has on average."""

    vectors: Vectors
    category: npt.NDArray[np.intp]
    other: Vectors
    rng: np.random.Generator
    every: timedelta
    rows: int

    def __post_init__(self) -> None:
        k = self.category.max() + 1
        self.season, self.state = self.rng.normal(0, 0.2, (2, k)), self.rng.normal(0, 0.1, k)

    def batch(self, i: int, changed: float = 0.0) -> Batch:
        """The rows of a window, a share of them changed."""
        k = len(self.state)
        self.state = 0.8 * self.state + 0.6 * self.rng.normal(0, 0.1, k)
        days = i * self.every / timedelta(days=1)
        daily = np.sin(2 * np.pi * days) * self.season[0]
        weekly = (int(days) % 7 >= 5) * self.season[1]
        weight = np.exp(self.state + daily + weekly)[self.category]
        wave = 1 - 0.7 * np.cos(2 * np.pi * days) if self.every == HOUR else 1.0
        n = int(self.rng.poisson(self.rows * wave))
        rows = self.vectors[self.rng.choice(len(weight), n, p=weight / weight.sum())]
        new = self.rng.random(n) < changed
        rows[new] = self.other[self.rng.integers(0, len(self.other), new.sum())]
        return Batch(rows, np.zeros(n, np.uint8))

    def windows(self, frame: Frame, which: range, changed: float = 0.0) -> list[Observed]:
        """These windows as the rule sees them."""
        return [
            observed(
                frame.basis,
                Window(START + i * self.every, START + (i + 1) * self.every),
                of_rows(frame.rows(self.batch(i, changed)), frame),
            )
            for i in which
        ]


def read(path: Path) -> tuple[Vectors, npt.NDArray[np.intp]]:
    """Vectors of a file, and the number of each row's label."""
    table = pq.read_table(path)
    column = table["embedding"].combine_chunks()
    vectors = column.flatten().to_numpy().reshape(len(column), -1).astype(np.float32)
    labels = table["label"].to_pylist() if "label" in table.schema.names else [""] * len(column)
    return vectors, np.unique([str(label) for label in labels], return_inverse=True)[1]


def tell(name: str, stream: Stream, share: float, weeks: int, runs: int) -> None:
    """False alarms of the quiet weeks, and the delays of the change."""
    first = np.vstack([stream.batch(i).vectors for i in range(24)])
    frame = Frame(fitted(first, fitted_buckets=0), 0)
    end, trailing = weeks * (WEEK // stream.every), TRAILING // stream.every
    quiet = stream.windows(frame, range(end))
    found = replayed(frame.basis, quiet, RULE, TRAILING)
    calibration = calibrated(frame.basis, quiet[-trailing:])
    delays = []
    for run in range(runs):
        stream.rng = np.random.default_rng([9, run])
        changed = stream.windows(frame, range(end, end + 24), share)
        delays.append(delay(frame.basis, calibration, quiet[-trailing // 2 :], changed))
    alarms = sum(one.alarm for one in found)
    told = " ".join("-" if one is None else str(one) for one in delays)
    print(f"| {name} | {rated(alarms, len(found))} | {told} |", flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--data", type=Path)
    options.add_argument("--weeks", type=int, default=16)
    options.add_argument("--runs", type=int, default=10)
    given = options.parse_args()
    print(f"numpy {np.__version__}, {platform.machine()}")
    print("| stream, change | alarms | per 1000 (95 %) | told in window |\n|---|---|---|---|")
    dishes, other = (read(SAMPLES / f"dishes_v{v}.parquet") for v in (1, 2))
    kinds = [("dishes, 10 % by another encoder", dishes, other[0], 0.1, 1)]
    if given.data:
        english, french = (read(given.data / f"ciqual_{x}_minilm.parquet") for x in ("en", "fr"))
        kinds.append(("foods, 5 % French", english, french[0], 0.05, 2))
    for every, weeks in ((HOURLY, given.weeks), (DAILY, 24 * given.weeks)):
        for name, own, changed, share, seed in kinds:
            stream = Stream(*own, changed, np.random.default_rng(seed), *every)
            length = "hours" if every is HOURLY else "days"
            tell(f"{length} of {name}", stream, share, weeks, given.runs)


if __name__ == "__main__":
    main()
