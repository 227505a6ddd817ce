"""Whole processes timed: wall, processor time and peak memory, as the operating system counts."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Run:
    """One finished process: seconds, processor seconds, peak memory in MB, its standard output."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


@dataclass(frozen=True)
class Figures:
    """All runs of one thing."""

    name: str
    runs: tuple[Run, ...]

    @property
    def wall_s(self) -> float:
        """Median wall seconds."""
        return statistics.median(run.wall_s for run in self.runs)

    @property
    def cpu_s(self) -> float:
        """Median processor seconds."""
        return statistics.median(run.cpu_s for run in self.runs)

    @property
    def peak_mb(self) -> float:
        """Highest peak of memory, MB."""
        return max(run.peak_mb for run in self.runs)

    def row(self) -> str:
        """A row of the table: medians, and the least and the most where there are several."""
        walls = [run.wall_s for run in self.runs]
        spread = f" ({min(walls):.2f}-{max(walls):.2f})" if len(walls) > 1 else ""
        return (
            f"| {self.name} | {self.wall_s:.2f}{spread} | {self.cpu_s:.2f} | {self.peak_mb:.0f} |"
        )


HEAD = "| what | wall s | processor s | peak MB |\n|---|---|---|---|"


def process(
    name: str,
    command: Sequence[str],
    *,
    runs: int = 3,
    processors: int | None = None,
    env: Mapping[str, str] | None = None,
) -> Figures:
    """Runs `command` a few times, on the first so many processors, with further variables `env`.

    RuntimeError where it fails.
    """
    return Figures(name, tuple(_run(command, processors, env or {}) for _ in range(runs)))


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]


def embmon(*arguments: str) -> list[str]:
    """A command of this checkout's command line."""
    return python("-m", "monitor", *arguments)


def machine() -> str:
    """Processor, cores, memory and the versions that matter."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    packages = ("numpy", "pyarrow", "pandas", "scipy", "umap-learn", "evidently")
    found = ", ".join(f"{name} {_version(name)}" for name in packages)
    return f"{_processor()}, {cores} cores, Python {platform.python_version()}; {found}"


def _run(command: Sequence[str], processors: int | None, env: Mapping[str, str]) -> Run:
    # An installed package has its bytecode, and is found from anywhere; so is this checkout.
    whole = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(ROOT), **env}
    whole.pop("PYTHONDONTWRITEBYTECODE", None)

    def pinned() -> None:
        if processors is not None:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])

    started = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, preexec_fn=pinned, env=whole
    ) as child:
        assert child.stdout is not None
        output = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    if child.returncode not in (0, 3, 5):  # 3: drift or damage was found, 5: undecided
        raise RuntimeError(f"{' '.join(command)} left with {child.returncode}")
    peak = used.ru_maxrss / (1 if sys.platform == "linux" else 1024)
    return Run(wall_s, used.ru_utime + used.ru_stime, peak / 1024, output)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.split(":")[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
