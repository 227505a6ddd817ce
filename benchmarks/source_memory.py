"""How much memory each kind of source takes for a file and for one ten times as large.

    python benchmarks/source_memory.py [--rows 100000] [--only NAME,NAME] [--folder DIR]

Writes files of rows x 64 float32 and of ten times the rows, reads each through the source in a
process of its own, batch by batch, and prints the greatest resident memory of both processes, less
what stood before the source was opened, and rows a second of processor time of the larger one.
Pages of memory-mapped files are not counted, the system takes them back when it needs them; nor is
the server of PostgreSQL.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing import Process, Queue
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.source_files import KINDS, D
from benchmarks.version_speed import anonymous

FLAT = 0.5
"""Growth below this share of what the further vectors take: batches, and what libraries keep."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--only", help="names of kinds, separated by commas")
    options.add_argument("--folder", type=Path, help="where the files are written")
    options.add_argument("--read", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.read:
        return read(given.read)
    print(f"{platform.platform()}, Python {platform.python_version()}, vectors of dimension {D}")
    print(
        f"| kind | MB, {given.rows:,} rows | MB, {10 * given.rows:,} | flat | rows/s of processor |"
    )
    print("|---|---|---|---|---|")
    for kind in given.only.split(",") if given.only else KINDS:
        print(row(kind, given.rows, given.folder), flush=True)


def row(kind: str, rows: int, folder: Path | None) -> str:
    """One line of the table."""
    small, large = (measured(kind, n, folder) for n in (rows, 10 * rows))
    further = 9 * rows * D * 4 / 2**20
    flat = "yes" if large["mb"] - small["mb"] < FLAT * further else "no"
    speed = float(f"{large['rows'] / large['seconds']:.2g}")
    return f"| {kind} | {small['mb']:.0f} | {large['mb']:.0f} | {flat} | {speed:,.0f} |"


def measured(kind: str, n: int, folder: Path | None) -> dict[str, float]:
    """What a process says that reads n rows of the kind; another one writes them, and waits."""
    top = Path(tempfile.mkdtemp(dir=folder))
    written: Queue[str] = Queue()
    done: Queue[None] = Queue()
    writer = Process(target=write, args=(kind, top, n, written, done))
    writer.start()
    try:
        command = [sys.executable, __file__, "--read", written.get(timeout=3600)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        if ran.returncode:
            raise SystemExit(f"{kind}: {ran.stderr[-2000:]}")
        found: dict[str, float] = json.loads(ran.stdout)
        assert found["rows"] == n
        return found
    finally:
        done.put(None)
        writer.join()
        shutil.rmtree(top, ignore_errors=True)


def write(kind: str, top: Path, n: int, written: Queue[str], done: Queue[None]) -> None:
    """Writes the rows; a server that it starts lives until they are read."""
    ending, writer = KINDS[kind]
    written.put(writer(top / f"items{ending}", n))
    done.get()


def read(address: str) -> None:
    """Prints the memory and the seconds that reading all batches takes."""
    from monitor.sources import open_source

    before = anonymous()
    most, done = [before], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            most.append(anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.process_time()
    rows = sum(len(batch) for batch in open_source(address).batches())
    seconds = time.process_time() - start
    done.set()
    watcher.join()
    print(json.dumps({"rows": rows, "seconds": seconds, "mb": (max(most) - before) / 2**20}))


if __name__ == "__main__":
    main()
