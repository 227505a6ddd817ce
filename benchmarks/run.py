"""Every speed benchmark, by one command: `python benchmarks/run.py [--smoke] [--peers DIR]`.

Each figure is of a whole process, or of a step that such a process timed itself. What is compared
runs in one call, one after the other, so ratios hold where absolute seconds do not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
    found = [process(name, command, runs=setting.runs) for name, command in asked]
    return [HEAD, *(figures.row() for figures in found)]


def store(setting: Setting) -> list[str]:
    """Eight weeks of hourly windows of 384 dimensions: filling the store, calibrating, judging."""
    every, part = ("1d", "2w") if setting.smoke else ("1h", "8w")
    with _store(setting) as config:
        source = setting.source(1_000_000, 384)
        found = [
            _asked(config, "ingest", "queries", source, "--at", "ts", "--every", every),
            _asked(config, "reference", "queries", "--trailing", part),
            _asked(config, "check", "queries", runs=setting.runs),
        ]
        again = step(setting, "check", "checked", config, "queries")
    more = json.loads(again.runs[0].output)["one_more"]
    judged = (
        f"`check` of the latest window without start-up: {1000 * seconds(again):.0f} ms; "
        f"one window more: {1000 * more:.0f} ms"
    )
    return [HEAD, *(figures.row() for figures in found), "", judged]


def history(setting: Setting) -> list[str]:
    """10,000 hourly windows of 60 rows of 64 dimensions: replaying them, and what they answer."""
    windows, every, length = (56, "1d", "2w") if setting.smoke else (10_000, "1h", "8w")
    with _store(setting) as config:
        path, days = setting.folder / f"windows-{windows}.parquet", 56 if setting.smoke else 416
        source = str(parquet(path, 60 * windows, 64, days=days))
        found = [
            _asked(config, "ingest", "queries", source, "--at", "ts", "--every", every),
            _asked(config, "reference", "queries", "--trailing", length),
            _asked(config, "replay", "queries", "--trailing", length),
            _asked(config, "check", "queries", "--window", "all"),
            _asked(config, "status", runs=setting.runs),
            _asked(config, "history", "queries", runs=setting.runs),
        ]
    return [HEAD, *(figures.row() for figures in found)]


def maps(setting: Setting) -> list[str]:
    """Reports with a map of 2 × 5,000 rows: numba's cache empty, then warm, then by PCA."""
    n = 200 if setting.smoke else 5000
    with _store(setting, f"[report]\npoints = {2 * n}\n") as config:
        how = ["--at", "ts", "--every", "28d", "--sample", str(n)]
        _asked(config, "ingest", "queries", setting.source(100_000, 384), *how)
        _asked(config, "reference", "queries", "--trailing", "28d")
        _asked(config, "check", "queries")
        cache = {"NUMBA_CACHE_DIR": str(Path(config).parent / "numba")}
        page = ["report", "queries", "-o", str(Path(config).parent / "page.html")]
        found = [
            _asked(config, *page, name=f"`embmon report`, UMAP, cache {state}", env=cache)
            for state in ("empty", "warm")
        ]
        with open(config, "a", encoding="utf-8") as settings:
            settings.write('map = "pca"\n')
        found.append(_asked(config, *page, name="`embmon report`, PCA", runs=setting.runs))
    return [HEAD, *(figures.row() for figures in found)]


def versions(setting: Setting) -> list[str]:
    """`compare` with all measures, of versions on disk that have a curved map between them."""
    script, d = str(Path(__file__).parent / "version_speed.py"), "16" if setting.smoke else "384"
    sizes = [setting.rows(n) for n in (100_000, 1_000_000)]
    found = [
        process(f"{n:,} × {d}", python(script, str(n), "--dim", d), runs=1)
        for n in dict.fromkeys(sizes)
    ]
    # What the process itself says leaves out making the data, and the pages of the files.
    return [line for figures in found for line in figures.runs[0].output.splitlines()[1:2]]


@contextmanager
def _store(setting: Setting, more: str = "") -> Iterator[str]:
    """The configuration of a new store, removed afterwards."""
    folder = Path(tempfile.mkdtemp(dir=setting.folder))
    config = folder / "embmon.toml"
    where = f'url = "sqlite:///{folder / "store.db"}"\nblobs = "{folder / "blobs"}"'
    config.write_text(f"[store]\n{where}\n{more}")
    try:
        yield str(config)
    finally:
        shutil.rmtree(folder)


def _asked(
    config: str,
    *arguments: str,
    name: str = "",
    runs: int = 1,
    env: Mapping[str, str] | None = None,
) -> Figures:
    """A command on the store of a configuration."""
    command = embmon(*arguments, "--config", config)
    return process(name or f"`embmon {arguments[0]}`", command, runs=runs, env=env)


def scaling(setting: Setting) -> list[str]:
    """Microseconds of processor time a row to fold rows that lie in memory."""
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
    """Other tools on 2 × 10,000 × 384: see `peers.py`."""
    a, b = setting.source(10_000, 384), setting.source(10_000, 384, seed=2, shift=0.01)
    return against_peers(setting.peers, a, b, runs=setting.runs)


def peer_at_size(setting: Setting) -> list[str]:
    """Evidently's classifier on 2 × 1,000,000 × 384: it alone ends in memory of this size."""
    a, b = setting.source(1_000_000, 384), setting.source(1_000_000, 384, seed=2, shift=0.01)
    methods = {"evidently": ("evidently_model",)}
    return against_peers(setting.peers, a, b, runs=setting.runs, methods=methods)


BENCHMARKS: dict[str, Callable[[Setting], list[str]]] = {
    f.__name__: f
    for f in (
        *(reading, profiling, commands, store, history, maps, versions, scaling),
        *(peers, peer_at_size),
    )
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
