"""Faults of the machine, made by the kernel: kills at system calls, full disks, failing syncs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.job import job
from tests.store.test_kill import rows
from tests.store.world import opened

COMMAND = [sys.executable, "-m", "tests.store.job"]
ROOT = Path(__file__).parents[2]


def injected(folder: Path, fault: str) -> subprocess.CompletedProcess[str]:
    """The job in a folder, with one fault that strace makes."""
    call = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"inject={fault}"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [*call, *COMMAND, str(folder)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("call", ["pwrite64", "fsync", "rename", "fdatasync", "unlink"])
def test_a_kill_at_a_system_call(tmp_path: Path, call: str) -> None:
    """A plain rerun ends in the same rows and blobs; benchmarks/crash.py tries all calls."""
    job(tmp_path / "whole")
    killed = injected(tmp_path / "cut", f"{call}:signal=SIGKILL:when=4")
    assert killed.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL), killed.stderr
    job(tmp_path / "cut")
    with opened(tmp_path / "whole") as whole, opened(tmp_path / "cut") as cut:
        assert rows(cut) == rows(whole)
        assert list(cut.problems()) == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("pwrite64:error=ENOSPC:when=80+", r"the store \S+ has no room left on its disk"),
        ("fdatasync:error=EIO:when=3+", r"the store \S+ could not be read or written"),
        ("fsync:error=EIO:when=8", r"cannot write a blob of \d+ bytes to \S+: Input/output error"),
        ("write:error=ENOSPC:when=1", r"cannot write a blob of 5 bytes to \S+: No space left on"),
        ("rename:error=EIO:when=2", r"cannot write a blob of \d+ bytes to \S+: Input/output error"),
    ],
)
def test_a_disk_that_is_full_or_fails(tmp_path: Path, fault: str, message: str) -> None:
    """Never a success: the error says where, and the same command works once it is mended."""
    ran = injected(tmp_path / "cut", fault)
    assert ran.returncode == 1
    assert re.search(rf"MonitorError: {message}", ran.stderr), ran.stderr
    job(tmp_path / "cut")
    job(tmp_path / "whole")
    with opened(tmp_path / "whole") as whole, opened(tmp_path / "cut") as cut:
        assert rows(cut) == rows(whole)
        assert list(cut.problems()) == []
