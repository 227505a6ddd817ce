"""What the README tells a newcomer to type works as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ANSWERS = {"drift": {3}, "compare": {0, 3}, "check": {3}}
"""Exit codes of the commands that answer a question; all others end with 0."""


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_every_command_runs_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines of the sh blocks, one after another, in a folder with the sample data."""
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.setenv("EMBMON_REPORT_MAP", "pca")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    lines = "".join(_blocks("sh")).replace("\\\n", " ").splitlines()
    assert len(lines) == 11
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "embmon"
        ran = subprocess.run(
            [sys.executable, "-m", "monitor", *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode in ANSWERS.get(words[0], {0}), f"{line}\n{ran.stdout}{ran.stderr}"
    assert (tmp_path / "compare.html").stat().st_size > 100_000


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python block prints a verdict and a cause."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (block,) = _blocks("python")
    ran = subprocess.run(
        [sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    first, second = ran.stdout.splitlines()
    assert first.startswith("drift 0.001 ")
    assert second == "rescale"


def test_the_test_command_is_what_ci_runs() -> None:
    """The README's second command and .ci/run end in the same `make check`."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "&& make check\n" in README
    assert re.search(r"^make check\b", script, re.MULTILINE)
