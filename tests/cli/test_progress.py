"""Progress is for a person who watches."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SCRIPT = """
import sys
from monitor.cli import main
class Counting:
    def __init__(self, config, progress, **_): self.progress = progress
    def status(self, out=None):
        if self.progress:
            self.progress("counting [bold]rows\\x1b[2J", 5, 10)
        return {"monitors": []}
main(["status", "--json", *sys.argv[1:]], obj=Counting)
"""


def on_terminal(*options: str) -> tuple[str, str]:
    """Standard output, and what a terminal on standard error received."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, *options],
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            timeout=60,
        )
        os.close(theirs)
        return done.stdout, _everything(screen.fileno())


def _everything(screen: int) -> str:
    received = b""
    while True:
        try:
            part = os.read(screen, 65536)
        except OSError:  # Linux says so when the other end is closed
            return received.decode()
        if not part:
            return received.decode()
        received += part


def test_a_terminal_sees_a_bar() -> None:
    """The bar is drawn on standard error, its text taken literally, and the answer stays clean."""
    stdout, screen = on_terminal()
    assert stdout == '{"monitors": []}\n'
    assert "counting [bold]rows\\x1b[2J" in screen
    assert "50%" in screen


def test_quiet_draws_nothing() -> None:
    """With -q the terminal stays empty."""
    assert on_terminal("-q") == ('{"monitors": []}\n', "")


@pytest.mark.parametrize("options", [[], ["-v"]])
def test_a_log_file_sees_nothing(options: list[str]) -> None:
    """Where standard error is no terminal there is no bar."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *options],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ('{"monitors": []}\n', "")
