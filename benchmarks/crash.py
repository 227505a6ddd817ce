"""kill -9 at every system call of `embmon run` that changes something: does a plain rerun mend it?

    python benchmarks/crash.py [--stride 1] [--calls fsync,rename,...]

For each call and each N, a fresh copy of a small monitor runs under strace, which kills it as it
enters the N-th such call; then the same command runs again, undisturbed. What is stored, the
report and the alerts must be as after a run that nobody disturbed, and the store sound.
Needs strace. Prints a table: points tried and faults, by system call.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parent.parent))

from monitor.store import open_store
from tests.pipeline.conftest import traffic

ROOT = Path(__file__).parent.parent
CALLS = ("fsync", "fdatasync", "rename", "pwrite64", "write", "unlink", "mkdir", "ftruncate")
SETTINGS = """
[monitors.q]
space = "q"
source = "traffic/*.parquet"
at = "at"
entity = "user"
every = "1d"
reference = "7d"
min_rows = 20
[sinks.ops]
kind = "jsonl"
path = "alerts.jsonl"
[report]
map = "none"
"""
COMMAND = (sys.executable, "-m", "monitor", "run", "-q", "--as-of", "2026-09-12T00:00:00+00:00")


def traced(folder: Path, command: Sequence[str], *options: str) -> subprocess.CompletedProcess[Any]:
    """The outcome of a command in `folder` under strace."""
    log = folder.parent / f"{folder.name}.strace"
    return ran(folder, ["strace", "-f", "-qq", "--seccomp-bpf", "-o", str(log), *options, *command])


def ran(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[Any]:
    """The outcome of a command in `folder`."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, timeout=1800)


def counted(folder: Path, command: Sequence[str], calls: Sequence[str]) -> Counter[str]:
    """How often the first thread of an undisturbed run makes each call."""
    done = traced(folder, command, "-e", f"trace={','.join(calls)}")
    assert done.returncode == 0, done.stderr
    lines = (folder.parent / f"{folder.name}.strace").read_text(errors="replace").splitlines()
    first = lines[0].split()[0]
    return Counter(line.split()[1].split("(")[0] for line in lines if line.split()[0] == first)


def killed(folder: Path, command: Sequence[str], call: str, n: int) -> bool:
    """Runs the command and kills it at the n-th `call`; False where it ended before."""
    done = traced(folder, command, "-e", f"inject={call}:signal=SIGKILL:when={n}")
    return done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)


def outcome(folder: Path) -> dict[str, Any]:
    """What a run leaves behind that does not depend on when it ran."""
    book = folder / "alerts.jsonl"  # not there while what is in the outbox is claimed by the dead
    alerts = [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []
    with open_store(f"sqlite:///{folder / 'embmon.db'}", folder / "embmon-blobs") as store:
        basis = store.basis("q")
        assert basis is not None
        windows = store.windows("q", basis[0])
        judged = store.history("q")
        waiting = [message.payload for message in store.deliveries("pending")]
        return {
            "problems": list(store.problems()),
            "windows": [(w.window, w.revision, w.parts) for w in windows],
            "verdicts": [(v.window, v.word, v.p_value, v.score, v.revision) for v in judged],
            "states": [(a.fingerprint, a.state) for a in store.alert_states()],
            # What was being sent when it was killed is claimed for ten minutes, then sent again.
            "alerts": {alert["fingerprint"] for alert in [*alerts, *waiting]},
            "reports": sorted(path.name for path in (folder / "reports").rglob("*.html")),
        }


def made(folder: Path) -> Path:
    """A monitor with two weeks of traffic, of which nothing was read yet."""
    (folder / "traffic").mkdir(parents=True)
    rows = traffic(14, surge=range(12, 14), rows=60)
    for week in (0, 1):
        pq.write_table(rows.slice(week * 420, 420), folder / "traffic" / f"{week}.parquet")
    (folder / "embmon.toml").write_text(SETTINGS)
    return folder


def faults(
    new: Path, whole: dict[str, Any], points: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, int, bool, Any]]:
    """For every point (call, n): whether it killed, and what is wrong after a rerun."""
    folder = new.with_name("run")
    for call, n in points:
        shutil.copytree(new, folder)
        was = killed(folder, COMMAND, call, n)
        rerun = ran(folder, COMMAND)
        wrong: Any = None if rerun.returncode == 0 else rerun.stderr
        if wrong is None and str(found := outcome(folder)) != str(whole):
            wrong = [key for key in found if str(found[key]) != str(whole[key])]
        shutil.rmtree(folder)
        yield call, n, was, wrong


def main(calls: Sequence[str], stride: int) -> None:
    """Prints the table; leaves with 1 where a point failed."""
    began, tried, killed_n, bad = time.monotonic(), Counter[str](), Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as top:
        new = made(Path(top) / "new")
        run = Path(top) / "run"  # the same for all, since sources are known by their paths
        shutil.copytree(new, run)
        made_by_run = counted(run, COMMAND, calls)
        whole = outcome(run)
        shutil.rmtree(run)
        points = [(c, n) for c, most in made_by_run.items() for n in range(1, most + 1, stride)]
        for call, n, was, wrong in faults(new, whole, points):
            tried[call] += 1
            killed_n[call] += was
            if wrong is not None:
                bad[call] += 1
                print(f"{call} {n}: {wrong}", file=sys.stderr)
    print(f"{platform.platform()}, Python {platform.python_version()}, stride {stride}")
    print(f"\n| call | made by a run | tried | killed there | not mended |\n|---|{'---:|' * 4}")
    for call in made_by_run:
        print(f"| {call} | {made_by_run[call]} | {tried[call]} | {killed_n[call]} | {bad[call]} |")
    print(f"\n{sum(killed_n.values())} kills in {time.monotonic() - began:.0f} s")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stride", type=int, default=1, help="try every N-th point only")
    parser.add_argument("--calls", default=",".join(CALLS))
    asked = parser.parse_args()
    main(asked.calls.split(","), asked.stride)
