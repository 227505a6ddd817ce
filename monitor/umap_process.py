"""UMAP in a process of its own.

Importing and compiling UMAP keeps a core busy for 10 s and more before the first point is laid.
In a process beside this one that passes while this one reads, judges and tests columns; and the
process serves every map of a run, so that it passes once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from monitor.batch import Float32
from monitor.errors import MonitorError
from monitor.projection import umap_map

_SERVE = "from monitor.umap_process import serve; serve()"
_PACKAGE = Path(__file__).parent
_STOP_S = 5.0


class UmapProcess:
    """Draws maps beside this process, one after the other. It ends with this process.

    Rows and maps go as plain arrays through files of a folder that only this user may read.
    """

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="embmon-maps-")
        self._asked = self._drawn = 0
        # -P and a search path of our own: a folder called `monitor` where the user stands must
        # not be imported.
        path = [str(_PACKAGE.parent), os.environ.get("PYTHONPATH", "")]
        with Path(self._folder.name, "stderr").open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", _SERVE, self._folder.name],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=said,
                # What it leaves in a temporary folder when it is killed goes with ours.
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, path)),
                    "TMPDIR": self._folder.name,
                },
                text=True,
            )
        self._end = weakref.finalize(self, _ended, self._process, self._folder)

    def asked(self, rows: Float32, seed: int) -> Callable[[], Float32]:
        """Asks for the map of finite `rows` (n, p); what is returned waits for it, (n, 2).

        MonitorError where the process has ended.
        """
        self._asked += 1
        number, folder = self._asked, Path(self._folder.name)
        np.save(folder / f"{number}-rows.npy", rows, allow_pickle=False)
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{number} {seed}\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._failure() from None

        def waited() -> Float32:
            self._wait_for(number)
            found: Float32 = np.load(folder / f"{number}-map.npy", allow_pickle=False)
            return found

        return waited

    def close(self) -> None:
        """Ends the process, also in the middle of a map."""
        self._end()

    def _wait_for(self, number: int) -> None:
        assert self._process.stdout is not None
        while self._drawn < number:  # maps are drawn in the order of the asking
            line = self._process.stdout.readline()
            if not line:
                raise self._failure()
            self._drawn = int(line)

    def _failure(self) -> MonitorError:
        code = self._process.wait()
        said = Path(self._folder.name, "stderr").read_text(encoding="utf-8", errors="replace")
        last = (said.strip().splitlines() or ["it said nothing"])[-1]
        return MonitorError(
            f"the process that draws maps ended with code {code}: {last}",
            'map = "pca" or "none" under [report] does without it',
        )


def serve() -> None:
    """What the process does: compiles on a small map, then draws what lines of input ask for."""
    folder = Path(sys.argv[1])
    umap_map(np.random.default_rng(0).normal(size=(64, 8)).astype(np.float32), 0)
    for line in sys.stdin:
        number, seed = line.split()
        rows = np.load(folder / f"{number}-rows.npy", allow_pickle=False)
        np.save(folder / f"{number}-map.npy", umap_map(rows, int(seed)), allow_pickle=False)
        print(number, flush=True)


def _ended(process: subprocess.Popen[str], folder: TemporaryDirectory[str]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):  # a line that it did not live to read
            if pipe is not None:
                pipe.close()
    folder.cleanup()
