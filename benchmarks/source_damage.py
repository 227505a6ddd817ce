"""What sources say of damaged files: every kind, cut, overwritten and with flipped bytes.

    python benchmarks/source_damage.py [--trials 200] [--only NAME;NAME] [--seed 0]

Writes 300 rows x 64 of each kind, damages a copy in one place at random, and reads it in a process
whose memory is limited to 4 GB. An answer is right where the file is refused by an error of our
own, or where rows come back: formats without checksums cannot tell a flipped byte of a vector.
All else is a fault: another exception, a process that dies, or works for a minute on 20 files.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.source_files import KINDS

ROWS, LIMIT_S, LIMIT_KIB, AT_ONCE = 300, 60, 4 << 20, 20
OF_SERVERS = "PostgreSQL pgvector"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--trials", type=int, default=200)
    options.add_argument("--only", help="names of kinds, separated by semicolons")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--read", nargs=2, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.read:
        return read(*given.read)
    kinds = given.only.split(";") if given.only else [k for k in KINDS if k != OF_SERVERS]
    print(f"{platform.platform()}, Python {platform.python_version()}, seed {given.seed}")
    print("| kind | refused | all rows | another number of rows | faults |\n|---|---|---|---|---|")
    for kind in kinds:
        counts, faults = judged(kind, given.trials, given.seed)
        others = counts.total() - counts["refused"] - counts["all"] - len(faults)
        ends = (counts["refused"], counts["all"], others, len(faults))
        print(f"| {kind} | {' | '.join(map(str, ends))} |", flush=True)
        for fault, n in Counter(faults).most_common(5):
            print(f"  {n} x {fault}", flush=True)


def judged(kind: str, trials: int, seed: int) -> tuple[Counter[str], list[str]]:
    """How often damaged files are refused or read, and every other end."""
    ending, writer = KINDS[kind]
    counts: Counter[str] = Counter()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        whole = top / f"items{ending}"
        writer(whole, ROWS)
        trial = 0
        while trial < trials:
            for at in range(trial, min(trial + AT_ONCE, trials)):
                damage(whole, top / str(at) / whole.name, np.random.default_rng((seed, at)))
            ends = answers(top, whole.name, trial, min(trial + AT_ONCE, trials))
            for end in ends:
                counts[end] += 1
                if end not in ("refused", "all") and not end.isdigit():
                    faults.append(end)
            for at in range(trial, trial + len(ends)):
                shutil.rmtree(top / str(at))
            trial += len(ends)
    return counts, faults


def damage(whole: Path, to: Path, rng: np.random.Generator) -> None:
    """A copy of a file or folder of which one file is damaged."""
    to.parent.mkdir(exist_ok=True)
    if to.exists():
        return
    if whole.is_dir():
        shutil.copytree(whole, to)
    else:
        shutil.copy(whole, to)
    files = sorted(p for p in to.rglob("*") if p.is_file() and p.stat().st_size) or [to]
    path = files[rng.integers(len(files))]
    raw = bytearray(path.read_bytes())
    # Most of what could go wrong is at the ends, where headers and footers lie.
    near = min(len(raw), 4096)
    at = int(rng.integers(len(raw)) if rng.random() < 0.4 else rng.integers(near))
    at = len(raw) - 1 - at if rng.random() < 0.5 else at
    way = rng.integers(4)
    if way == 0:
        del raw[at:]
    elif way == 1:
        raw[at] ^= int(rng.integers(1, 256))
    elif way == 2:
        size = min(int(rng.integers(1, 9)), len(raw) - at)
        raw[at : at + size] = bytes([int(rng.choice([0, 0x7F, 0xFF]))]) * size
    else:
        raw[at:at] = rng.bytes(int(rng.integers(1, 64)))
    path.write_bytes(raw)


def answers(top: Path, name: str, start: int, stop: int) -> list[str]:
    """What a process says of the trials from `start`, up to the first that ends it."""
    limited = ["sh", "-c", f'ulimit -v {LIMIT_KIB}; ulimit -t {LIMIT_S}; exec "$@"', "sh"]
    command = [sys.executable, __file__, "--read", str(top), f"{name}:{start}:{stop}"]
    ran = subprocess.run([*limited, *command], capture_output=True, text=True)
    found = ran.stdout.splitlines()
    end = f"the process died: {ran.returncode}"
    return found if len(found) == stop - start else [*found, end]


def read(top: str, trials: str) -> None:
    """Reads each damaged copy, and says a line of it."""
    from monitor.errors import MonitorError
    from monitor.sources import open_source

    name, start, stop = trials.rsplit(":", 2)
    for at in range(int(start), int(stop)):
        try:
            rows = sum(len(batch) for batch in open_source(Path(top, str(at), name)).batches())
            print("all" if rows == ROWS else rows, flush=True)
        except MonitorError:
            print("refused", flush=True)
        except BaseException as error:
            print(f"{type(error).__name__}: {str(error)[:100]!r}", flush=True)


if __name__ == "__main__":
    main()
