"""Every speed benchmark, by one command: `python benchmarks/run.py [--smoke] [--peers DIR]`.

Each figure is of a whole process, or of a step that such a process timed itself. What is compared
runs in one call, one after the other, so ratios hold where absolute seconds do not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from measured import HEAD, Figures, embmon, machine, process, python
from peers import against_peers
from speed_data import parquet

STEPS = str(Path(__file__).parent / "speed_steps.py")


@dataclass(frozen=True)
class Setting:
    """Where data and stores lie, how large they are, how often all is run, where the peers are."""

    folder: Path
    smoke: bool
    runs: int
    peers: Path | None

    def rows(self, full: int) -> int:
        """So many rows, or a few thousand in a smoke test."""
        return 3000 if self.smoke else full

    def source(self, full: int, d: int, **how: object) -> str:
        """A Parquet file of so many rows, written once."""
        n, d = self.rows(full), 16 if self.smoke else d
        name = "-".join(
            ["rows", str(n), str(d), *(getattr(v, "__name__", str(v)) for v in how.values())]
        )
        return str(parquet(self.folder / f"{name}.parquet", n, d, **how))  # type: ignore[arg-type]


def step(setting: Setting, name: str, *arguments: str, processors: int | None = None) -> Figures:
    """One step of `speed_steps.py` in processes of its own."""
    return process(name, python(STEPS, *arguments), runs=setting.runs, processors=processors)


def seconds(figures: Figures) -> float:
    """The median of what the step timed itself, without start-up."""
    return float(np.median([json.loads(run.output)["seconds"] for run in figures.runs]))


def reading(setting: Setting) -> list[str]:
    """The vector column of 100,000 × 768, by pyarrow alone and as batches."""
    lines = ["| file | pyarrow GB/s | batches GB/s |", "|---|---|---|"]
    for name, how in (
        ("fixed-size list of float32", {}),
        ("list of float32", {"layout": "list"}),
        ("fixed-size list of float16", {"kind": np.float16}),
    ):
        path = setting.source(100_000, 768, **how)
        rates = []
        for one in ("plain_read", "read"):
            found = step(setting, one, one, path)
            rates.append(json.loads(found.runs[0].output)["bytes"] / seconds(found) / 1e9)
        lines.append(f"| {name} | {rates[0]:.2f} | {rates[1]:.2f} |")
    return lines


def profiling(setting: Setting) -> list[str]:
    """One pass over 1,000,000 × 768, beside its two floors; memory from 100,000 to 10,000,000."""
    path, basis = setting.source(1_000_000, 768), str(setting.folder / "basis")
    step(setting, "basis", "basis", path, str(16 if setting.smoke else 768), basis)
    read = seconds(step(setting, "plain read", "plain_read", path))
    sums = seconds(step(setting, "arithmetic", "arithmetic", str(setting.rows(1_000_000)), basis))
    one = step(setting, "one processor", "profiled", path, basis, processors=1)
    both = step(setting, "two processors", "profiled", path, basis, processors=2)
    small = step(setting, "100k", "profiled", setting.source(100_000, 768), basis)
    tenfold = step(setting, "10M", "profiled", _ten_times(setting, path), basis)
    floor, single, pair = max(read, sums), seconds(one), seconds(both)
    return [
        f"plain read {read:.1f} s; arithmetic at the rates of one core {sums:.1f} s",
        f"profile on two processors {pair:.1f} s: {pair / floor:.2f} × the larger of these",
        f"profile on one {single:.1f} s: two are {single / pair:.2f} × one",
        f"peak memory {small.peak_mb:.0f} MB for a tenth of the rows, {both.peak_mb:.0f} MB, "
        f"{tenfold.peak_mb:.0f} MB for ten times the rows",
    ]


def commands(setting: Setting) -> list[str]:
    """The command line, start-up included, on Parquet of 384 dimensions."""
    asked = [("`python -c 'import evidently'`", python("-c", "import evidently"))]
    for label, n in (("100k", 100_000), ("1M", 1_000_000)):
        a, b = setting.source(n, 384), setting.source(n, 384, seed=2, shift=0.01)
        asked.append((f"`embmon drift`, 2 × {label} × 384", embmon("drift", a, b)))
    a, b = setting.source(100_000, 384), setting.source(100_000, 384, shift=0.01)
    asked.append(("`embmon compare`, 100k × 384", embmon("compare", a, b)))
    found = [process(name, command, runs=setting.runs) for name, command in asked]
    return [HEAD, *(figures.row() for figures in found)]


def store(setting: Setting) -> list[str]:
    """A store of hourly windows: filling it, and what it answers."""
    folder = Path(tempfile.mkdtemp(dir=setting.folder))
    config = folder / "embmon.toml"
    config.write_text(
        f'[store]\nurl = "sqlite:///{folder / "store.db"}"\nblobs = "{folder / "blobs"}"\n'
    )
    source = setting.source(1_000_000, 384)
    every = "1d" if setting.smoke else "1h"
    found = []
    for name, arguments in (
        ("ingest", ["ingest", "queries", source, "--at", "ts", "--every", every]),
        ("status", ["status"]),
        ("history", ["history", "queries"]),
    ):
        command = embmon(*arguments, "--config", str(config))
        found.append(
            process(f"`embmon {name}`", command, runs=1 if name == "ingest" else setting.runs)
        )
    shutil.rmtree(folder)
    return [HEAD, *(figures.row() for figures in found)]


def maps(setting: Setting) -> list[str]:
    """Maps of 2 × 5,000 rows of 64 components in a fresh process."""
    n = str(200 if setting.smoke else 5000)
    found = [step(setting, f"map by {method}", "mapped", n, method) for method in ("umap", "pca")]
    return [HEAD, *(figures.row() for figures in found)]


def scaling(setting: Setting) -> list[str]:
    """Microseconds a row to fold rows that lie in memory."""
    sizes = (1000, 3000) if setting.smoke else (10_000, 100_000, 1_000_000)
    widths = (16, 64) if setting.smoke else (64, 384, 768, 1536, 3072, 4096)
    lines = [
        "| rows | " + " | ".join(f"d = {d}" for d in widths) + " |",
        "|---" * (len(widths) + 1) + "|",
    ]
    for n in sizes:
        cells = []
        for d in widths:
            taken = process("fold", python(STEPS, "folded", str(n), str(d)), runs=1)
            cells.append(f"{seconds(taken) / n * 1e6:.1f} µs")
        lines.append(f"| {n:,} | " + " | ".join(cells) + " |")
    return lines


def peers(setting: Setting) -> list[str]:
    """Other tools on the same rows: see `peers.py`."""
    a, b = setting.source(10_000, 384), setting.source(10_000, 384, seed=2, shift=0.01)
    return against_peers(setting.peers, a, b, runs=setting.runs)


BENCHMARKS: dict[str, Callable[[Setting], list[str]]] = {
    f.__name__: f for f in (reading, profiling, commands, store, maps, scaling, peers)
}


def _ten_times(setting: Setting, path: str) -> str:
    folder = setting.folder / "tenfold"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for i in range(10):
        (folder / f"{i}.parquet").symlink_to(Path(path).resolve())
    return str(folder)


def main() -> None:
    """Runs the benchmarks that were asked for and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a few thousand rows, to try it out")
    parser.add_argument("--only", help=f"some of {','.join(BENCHMARKS)}")
    parser.add_argument("--runs", type=int, default=3, help="of each process")
    parser.add_argument("--data", type=Path, help="where the files are kept (12 GB)")
    parser.add_argument("--peers", type=Path, help="environments of other tools, see peers.py")
    asked = parser.parse_args()
    folder = asked.data or Path(tempfile.mkdtemp(prefix="embmon-speed-"))
    folder.mkdir(parents=True, exist_ok=True)
    setting = Setting(folder, asked.smoke, 1 if asked.smoke else asked.runs, asked.peers)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}", flush=True)
    for name in (asked.only or ",".join(BENCHMARKS)).split(","):
        print(f"\n## {name}: {BENCHMARKS[name].__doc__}\n", flush=True)
        print("\n".join(BENCHMARKS[name](setting)), flush=True)
    if asked.data is None:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
