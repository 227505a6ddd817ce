"""What stands behind a path, and standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from monitor.sources.address import Address, address
from tests.sources import samples

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a.npz", Address("a.npz")),
        ("a#b.npz", Address("a#b.npz")),
        ("a.npz#x", Address("a.npz", (("part", "x"),))),
        ("a.npz?padding=0#x", Address("a.npz", (("padding", "0"), ("part", "x")))),
        ("a.npz@v2", Address("a.npz", (("version", "2"),))),
        ("day?/*.npz", Address("day?/*.npz")),
        ("*.safetensors#x", Address("*.safetensors", (("part", "x"),))),
        ("a.npz?query=a&b#c", Address("a.npz", (("query", "a&b#c"),))),
    ],
)
def test_paths_and_options(text: str, found: Address, here: Path) -> None:
    """A path that exists is a path, whatever is in it."""
    for name in ("a.npz", "a#b.npz"):
        Path(name).touch()
    assert address(text) == found


@pytest.mark.parametrize("ending", ["parquet", "npy"])
def test_standard_input(ending: str, tmp_path: Path) -> None:
    """`-` is told by its content, like any file, and may be read twice."""
    path = tmp_path / f"x.{ending}"
    if ending == "npy":
        np.save(path, np.random.default_rng(0).normal(size=(200, 4)))
    else:
        samples.write_parquet(samples.table(n=200), path)
    with open(path, "rb") as stream:
        ran = subprocess.run(
            [sys.executable, "-m", "monitor", "drift", str(path), "-", "--fail-on", "never"],
            stdin=stream,
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=120,
        )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith("OK ")
